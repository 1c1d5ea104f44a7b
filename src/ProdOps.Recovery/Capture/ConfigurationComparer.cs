namespace ProdOps.Recovery.Capture;

/// <summary>Finds what differs between two captures: of two servers, or of one at two times.</summary>
internal static class ConfigurationComparer
{
    // What changes by itself while a server works, and what says where else a thing is.
    private static readonly HashSet<string> OfTheMoment = ["Modified", "Files", "BackupSet", "Service", "Origin", "Proof", "Mounted"];

    /// <summary>The differences in the order of kinds and names.</summary>
    public static IEnumerable<ServerConfigurationDifference> Compare(ServerConfiguration reference, ServerConfiguration other)
    {
        var before = Index(reference);
        var after = Index(other);
        foreach (var key in before.Keys.Union(after.Keys).OrderBy(key => key.Kind).ThenBy(key => key.Name, StringComparer.Ordinal))
        {
            var old = before.GetValueOrDefault(key);
            var now = after.GetValueOrDefault(key);
            var properties = old is null || now is null ? [] : Differences(old, now, reference, other);
            if (old is not null && now is not null && properties.Count == 0) continue;
            yield return new ServerConfigurationDifference
            {
                Reference = reference.ToString(),
                Server = other.ToString(),
                Kind = key.Kind,
                Name = key.Name,
                Change = old is null ? ServerConfigurationChange.Added : now is null ? ServerConfigurationChange.Removed : ServerConfigurationChange.Changed,
                IsExpected = IsExpected(now ?? old!),
                Properties = properties,
                ReferenceItem = old,
                Item = now,
            };
        }
    }

    private static Dictionary<(ServerConfigurationKind Kind, string Name), ServerConfigurationItem> Index(ServerConfiguration capture)
    {
        var index = new Dictionary<(ServerConfigurationKind, string), ServerConfigurationItem>();
        foreach (var item in capture.Items) index.TryAdd((item.Kind, item.Name), item);
        return index;
    }

    private static List<string> Differences(ServerConfigurationItem old, ServerConfigurationItem now, ServerConfiguration reference, ServerConfiguration other)
    {
        var names = old.Properties.Keys.Union(now.Properties.Keys).Where(name => !OfTheMoment.Contains(name) && old.Property(name) != now.Property(name)).ToList();
        if (old.Kind != ServerConfigurationKind.File || names.Contains("Checksum")) return names;
        // A secret's content is known by its proof where one command made both captures; else its size tells, and for one server the moment it was written.
        string? proof = old.Property("Proof"), otherProof = now.Property("Proof");
        bool comparable = reference.ProofId.Length > 0 && reference.ProofId == other.ProofId && proof is not null && otherProof is not null;
        if (comparable ? proof != otherProof : old.Size != now.Size || (reference.Server == other.Server && proof is not null && old.Property("Modified") != now.Property("Modified"))) names.Add("Content");
        return names;
    }

    private static bool IsExpected(ServerConfigurationItem item) => item.Class == ServerConfigurationClass.Ephemeral || item.Kind switch
    {
        ServerConfigurationKind.HostKey or ServerConfigurationKind.Network => true,
        ServerConfigurationKind.System => item.Name is "HostName" or "Virtualization" or "MachineId" or "Kernel",
        ServerConfigurationKind.File => item.Name.StartsWith("/etc/ssh/ssh_host_", StringComparison.Ordinal) || item.Name is "/etc/hostname" or "/etc/hosts"
            // Copies from before the last change: whichever that was.
            or "/etc/shadow-" or "/etc/gshadow-",
        ServerConfigurationKind.Certificate => item.Name.Contains("snakeoil", StringComparison.Ordinal),
        ServerConfigurationKind.Socket => item.Property("Unit") is null,
        _ => false,
    };
}
