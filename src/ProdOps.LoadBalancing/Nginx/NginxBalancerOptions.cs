namespace ProdOps.LoadBalancing.Nginx;

/// <summary>What is known of an nginx before it is asked.</summary>
internal sealed record NginxBalancerOptions
{
    /// <summary>The file with the pools, a full path: the only one that is changed. Without it the pools can be read.</summary>
    public string? ConfigurationPath { get; init; }

    /// <summary>The environment's entries that it serves.</summary>
    public IReadOnlyList<LoadBalancerDefinition> Entries { get; init; } = [];

    /// <summary>The names of servers by their addresses: nginx knows servers by addresses alone.</summary>
    public IReadOnlyDictionary<string, string> Names { get; init; } = new Dictionary<string, string>();

    /// <summary>A server's name: that of the environment, else its address.</summary>
    public string NameOf(string address) =>
        address.LastIndexOf(':') is > 0 and var colon && Names.TryGetValue(address[..colon].Trim('[', ']'), out string? name) ? name : address;
}
