using ProdOps.Backup.Trees;

namespace ProdOps.Backup.Browsing;

/// <summary>What restic takes for equal (internal/restic/node.go, Node.Equals): everything stored, attributes in any order.</summary>
internal static class NodeEquality
{
    public static bool AreEqual(Node left, Node right) =>
        left.Name.AsSpan().SequenceEqual(right.Name)
        && left.Type == right.Type
        && left.Mode == right.Mode
        && left.ModifiedTime == right.ModifiedTime
        && left.AccessTime == right.AccessTime
        && left.ChangeTime == right.ChangeTime
        && left.UserId == right.UserId
        && left.GroupId == right.GroupId
        && left.User == right.User
        && left.Group == right.Group
        && left.Inode == right.Inode
        && left.DeviceId == right.DeviceId
        && left.Size == right.Size
        && left.Links == right.Links
        && left.Device == right.Device
        && left.Error == right.Error
        && left.Subtree == right.Subtree
        && left.LinkTarget.AsSpan().SequenceEqual(right.LinkTarget)
        && left.GenericAttributes.AsSpan().SequenceEqual(right.GenericAttributes)
        && HaveSameContent(left, right)
        && HaveSameAttributes(left, right);

    public static bool HaveSameContent(Node left, Node right) => left.Content.AsSpan().SequenceEqual(right.Content);

    private static bool HaveSameAttributes(Node left, Node right) =>
        left.ExtendedAttributes.Length == right.ExtendedAttributes.Length
        && left.ExtendedAttributes.All(mine => right.ExtendedAttributes.Any(theirs => mine.Name == theirs.Name && mine.Value.AsSpan().SequenceEqual(theirs.Value)));
}
