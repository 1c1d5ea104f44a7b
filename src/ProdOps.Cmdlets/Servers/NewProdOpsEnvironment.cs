using System.Management.Automation;
using ProdOps.Cmdlets.Common;
using ProdOps.Cmdlets.Completers;
using ProdOps.Servers;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Probing;

namespace ProdOps.Cmdlets.Servers;

/// <summary>Writes a first environment file: connects to hosts, looks at what runs there, and guesses what they are for.</summary>
[Cmdlet(VerbsCommon.New, "ProdOpsEnvironment", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(string))]
public sealed class NewProdOpsEnvironment : ServerCmdlet
{
    /// <inheritdoc/>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, HelpMessage = "The hosts: names or addresses, user@host:port, or localhost for this machine.")]
    [Alias("ComputerName", "Cn")]
    [ValidateNotNullOrEmpty]
    public override ServerReference[]? Server { get; set; }

    /// <summary>The environment's name.</summary>
    [Parameter(HelpMessage = "The environment's name. Default: the name of the folder that the file is written to.")]
    [ValidatePattern("^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    public string? Name { get; set; }

    /// <summary>The file to write.</summary>
    [Parameter(HelpMessage = "The file to write. Default: environment.psd1 in the current folder.")]
    [ArgumentCompleter(typeof(EnvironmentFileCompleter))]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = EnvironmentFinder.FileName;

    /// <summary>Replace a file that is there.</summary>
    [Parameter(HelpMessage = "Replace a file that is there already.")]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        string path = await InvokeAsync(() => GetUnresolvedProviderPathFromPSPath(Path));
        if (Directory.Exists(path)) path = System.IO.Path.Join(path, EnvironmentFinder.FileName);
        // Connecting to many hosts first and then saying no would be a waste of somebody's time.
        if (File.Exists(path) && !Force) throw ServersErrors.EnvironmentExists(path);
        var servers = await GetServersAsync(cancellationToken);
        if (servers.Count == 0) return;
        var facts = new HostFacts?[servers.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = ThrottleLimit, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, servers.Count), options, async (index, token) => facts[index] = await LookAsync(servers[index], token));
        string name = Name ?? EnvironmentFile.NameFor(path);
        string text = EnvironmentWriter.Write(name, [.. servers.Zip(facts)], TimeProvider.System.GetLocalNow());
        switch (await DecideAsync(path, "Write the environment file"))
        {
            case ChangeDecision.Plan:
                await WriteObjectAsync(text);
                break;
            case ChangeDecision.Act:
                await EnvironmentFile.WriteAsync(path, text, Force, cancellationToken);
                await WriteObjectAsync(new FileInfo(path));
                break;
        }
    }

    /// <summary>A new file is about hosts; what an environment around it calls them does not count.</summary>
    private protected override ProdOpsEnvironment? LoadEnvironment(SessionEnvironment source) => null;

    private async Task<HostFacts?> LookAsync(Server server, CancellationToken cancellationToken)
    {
        try
        {
            Activity.Verbose($"Looking at {server.Name}.");
            var shell = await OpenAsync(server, cancellationToken);
            return HostProbe.Parse((await shell.RunAsync(HostProbe.Command, cancellationToken)).Text);
        }
        catch (ProdOpsException error)
        {
            await WriteErrorAsync(ErrorMapper.ToErrorRecord(error, server));
            return null;
        }
    }
}
