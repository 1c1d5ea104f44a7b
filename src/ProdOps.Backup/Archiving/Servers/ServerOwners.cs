using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Backup.Archiving.Servers;

/// <summary>
/// The names of a server's users and groups. Those in its passwd and group files are known from the start; others, from a directory service,
/// are asked for when they first turn up.
/// </summary>
internal sealed class ServerOwners(IServerShell shell, ServerFacts facts) : IOwnerNames
{
    private readonly Lock _lock = new();

    public string GetUserName(uint userId)
    {
        lock (_lock) return facts.Users.GetValueOrDefault(userId, "");
    }

    public string GetGroupName(uint groupId)
    {
        lock (_lock) return facts.Groups.GetValueOrDefault(groupId, "");
    }

    /// <summary>True once it is known whether these have names.</summary>
    public bool Knows(uint userId, uint groupId)
    {
        lock (_lock) return facts.Users.ContainsKey(userId) && facts.Groups.ContainsKey(groupId);
    }

    public async Task LearnAsync(uint userId, uint groupId, CancellationToken cancellationToken)
    {
        var output = await shell.RunAsync(new ServerCommand(ServerScripts.Owners(userId, groupId)) { Idempotent = true }, cancellationToken);
        lock (_lock)
        {
            foreach (string line in output.Lines)
            {
                string[] parts = line.Split(':');
                if (parts.Length != 3 || !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out uint id)) continue;
                if (parts[0] == "u" && id == userId) facts.Users.TryAdd(id, parts[2]);
                else if (parts[0] == "g" && id == groupId) facts.Groups.TryAdd(id, parts[2]);
            }
            // What has no name is not asked for again.
            facts.Users.TryAdd(userId, "");
            facts.Groups.TryAdd(groupId, "");
        }
    }
}
