using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Inventory;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Lists the servers of the environment.</summary>
[Cmdlet(VerbsCommon.Get, "Server")]
[OutputType(typeof(Server))]
public sealed class GetServer : AsyncCmdlet
{
    private readonly HashSet<string> _written = new(StringComparer.OrdinalIgnoreCase);
    private ProdOpsEnvironment? _environment;

    /// <summary>Names of servers; without it all.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        HelpMessage = "Servers: names, wildcards, role:App, group:eu, or user@host:port. Default: all.")]
    [Alias("Server", "ComputerName", "Cn")]
    [ArgumentCompleter(typeof(ServerNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Only servers with one of these roles.</summary>
    [Parameter(HelpMessage = "Only servers that have one of these roles; wildcards are allowed.")]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Role { get; set; }

    /// <summary>Only servers of one of these groups.</summary>
    [Parameter(HelpMessage = "Only servers that are in one of these groups; wildcards are allowed.")]
    [ArgumentCompleter(typeof(GroupCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Group { get; set; }

    /// <summary>The environment file that knows the servers.</summary>
    [Parameter(HelpMessage = "The environment.psd1 that knows the servers. Default: $env:PRODOPS_ENVIRONMENT, else the one in this folder or above.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Environment { get; set; }

    /// <inheritdoc/>
    protected override async Task BeginAsync(CancellationToken cancellationToken) =>
        _environment = (await InvokeAsync(() => SessionEnvironment.Of(SessionState, Environment))).Load();

    /// <inheritdoc/>
    protected override async Task ProcessAsync(CancellationToken cancellationToken)
    {
        if (Name is null && _environment is null) throw ServersErrors.NoEnvironment();
        var resolver = new ServerResolver(_environment);
        foreach (string name in Name ?? ["*"])
        {
            try
            {
                foreach (var server in resolver.Select(name).Where(IsWanted))
                {
                    if (_written.Add(server.Name)) await WriteObjectAsync(server);
                }
            }
            catch (ProdOpsException error)
            {
                await WriteErrorAsync(error);
            }
        }
    }

    private bool IsWanted(Server server) => Fits(Role, server.Roles) && Fits(Group, server.Groups);

    private static bool Fits(string[]? patterns, IReadOnlyList<string> names) => patterns is null || patterns.Any(pattern => names.Any(name => NamePattern.IsMatch(pattern, name)));
}
