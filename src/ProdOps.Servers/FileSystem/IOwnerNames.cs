namespace ProdOps.Servers.FileSystem;

/// <summary>The names that a system has for the numbers of its users and groups.</summary>
internal interface IOwnerNames
{
    /// <summary>The name of a user, or "" if it has none.</summary>
    string GetUserName(uint userId);

    /// <summary>The name of a group, or "" if it has none.</summary>
    string GetGroupName(uint groupId);
}
