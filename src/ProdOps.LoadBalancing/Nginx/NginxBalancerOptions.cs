using ProdOps.LoadBalancing.Publishing;

namespace ProdOps.LoadBalancing.Nginx;

/// <summary>What is known of an nginx before it is asked.</summary>
internal sealed record NginxBalancerOptions
{
    /// <summary>The file that ProdOps writes pools into.</summary>
    private const string ManagedPath = "/etc/nginx/conf.d/prodops.conf";

    /// <summary>The file with the pools, a full path: the only one that is changed. Without it the pools can be read.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The file that a publication has locked.</summary>
    public string LockFile { get; init; } = $"{new PublishOptions().FolderOf(LoadBalancerKind.Nginx)}/lock";

    /// <summary>The environment's entries that it serves.</summary>
    public IReadOnlyList<LoadBalancerDefinition> Entries { get; init; } = [];

    /// <summary>By what the environment's entries say.</summary>
    public static NginxBalancerOptions Of(IReadOnlyList<LoadBalancerDefinition> entries) => new()
    {
        ConfigurationPath = entries.Select(entry => entry.ConfigurationPath).FirstOrDefault(path => path is not null) ?? (entries.Any(entry => entry.IsManaged) ? ManagedPath : null),
        Entries = entries,
    };
}
