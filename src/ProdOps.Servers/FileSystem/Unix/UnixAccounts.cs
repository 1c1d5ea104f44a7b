using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>Names of users and groups, each asked for once.</summary>
internal sealed unsafe class UnixAccounts
{
    private readonly ConcurrentDictionary<uint, string> _users = new(), _groups = new();

    /// <summary>This process'.</summary>
    public static UnixAccounts Shared { get; } = new();

    public string GetUserName(uint id) => _users.TryGetValue(id, out string? name) ? name : _users.GetOrAdd(id, LookUp(id, isGroup: false));

    public string GetGroupName(uint id) => _groups.TryGetValue(id, out string? name) ? name : _groups.GetOrAdd(id, LookUp(id, isGroup: true));

    /// <summary>
    /// Whether a group has only one user in it: it has the user's name, as the tools that make accounts call a user's own group, and lists nobody but that user and root.
    /// Whose first group it is besides, no call tells.
    /// </summary>
    public bool IsPrivate(uint group, uint user) => IsPrivate(GetGroupName(group), GetMembers(group), GetUserName(user));

    /// <summary>Whom a group lists. Those whose first group it is are not among them.</summary>
    public IReadOnlyList<string> GetMembers(uint group)
    {
        LookUp(group, isGroup: true, out var members);
        return members;
    }

    internal static bool IsPrivate(string group, IEnumerable<string> members, string user) =>
        user.Length > 0 && group == user && members.All(member => member == user || member == "root");

    private static string LookUp(uint id, bool isGroup) => LookUp(id, isGroup, out _);

    private static string LookUp(uint id, bool isGroup, out IReadOnlyList<string> members)
    {
        members = [];
        // A struct passwd or group is smaller than this and begins with the pointer to the name, on glibc and musl.
        byte* entry = stackalloc byte[256];
        for (int size = 1024; size <= 1024 * 1024; size *= 4)
        {
            byte[] buffer = new byte[size];
            fixed (byte* start = buffer)
            {
                byte* found = null;
                int error = isGroup ? LibC.GetGroup(id, entry, start, size, &found) : LibC.GetUser(id, entry, start, size, &found);
                if (error is Errno.Range or Errno.Interrupted) continue;
                if (error != 0 || found is null) return "";
                if (isGroup) members = ReadMembers(found);
                return FileNames.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*(byte**)found));
            }
        }
        return "";
    }

    /// <summary>A struct group is its name, its password, its number and its members, the last of which is followed by a null pointer.</summary>
    private static List<string> ReadMembers(byte* group)
    {
        var members = new List<string>();
        for (byte** member = ((byte***)group)[3]; member is not null && *member is not null; member++)
            members.Add(FileNames.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*member)));
        return members;
    }
}
