using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ProdOps.Servers.FileSystem.Unix;

/// <summary>Names of users and groups, each asked for once.</summary>
internal sealed unsafe class UnixAccounts
{
    private readonly ConcurrentDictionary<uint, string> _users = new(), _groups = new();

    public string GetUserName(uint id) => _users.TryGetValue(id, out string? name) ? name : _users.GetOrAdd(id, LookUp(id, isGroup: false));

    public string GetGroupName(uint id) => _groups.TryGetValue(id, out string? name) ? name : _groups.GetOrAdd(id, LookUp(id, isGroup: true));

    private static string LookUp(uint id, bool isGroup)
    {
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
                return error == 0 && found is not null ? FileNames.Decode(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*(byte**)found)) : "";
            }
        }
        return "";
    }
}
