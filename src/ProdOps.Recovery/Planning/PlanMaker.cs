using ProdOps.Recovery.Capture;
using ProdOps.Recovery.Plans;
using ProdOps.Servers.Commands;

namespace ProdOps.Recovery.Planning;

/// <summary>Looks at a living server and makes its plan for a scenario.</summary>
/// <param name="reader">Captures it.</param>
/// <param name="environment">The environment that it belongs to.</param>
internal sealed class PlanMaker(CaptureReader reader, ProdOpsEnvironment environment)
{
    /// <summary>The name of a server's plan where none is given.</summary>
    public static string NameFor(Server server, RecoveryScenario scenario) => scenario == RecoveryScenario.ServerLost ? server.Name : $"{server.Name}-{string.Concat(scenario.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"))}";

    /// <summary>Makes the plan; nothing is written.</summary>
    public async Task<PlannedServer> MakeAsync(Server server, IServerShell shell, RecoveryScenario scenario, string name, IActivity activity, CancellationToken cancellationToken)
    {
        var capture = await reader.ReadAsync(shell, BackedUp.Of(environment, server), activity, cancellationToken).ConfigureAwait(false) with { Server = server.Name };
        if (!ScenarioPlanner.Rebuilds(scenario)) return new PlannedServer(new ScenarioPlanner(capture, environment, name).Build(scenario), new Dictionary<string, byte[]>());
        var contents = await CaptureContents.ReadAsync(shell, CaptureContents.Wanted(capture), capture.AsRoot, cancellationToken).ConfigureAwait(false);
        return new ServerPlanner(capture, contents, environment, name).Build(scenario);
    }

    /// <summary>Writes a plan with the files beside it, and reads it back.</summary>
    /// <exception cref="ProdOpsException">It is there and must not be replaced, or cannot be written.</exception>
    public async Task<RecoveryPlan> WriteAsync(PlannedServer planned, bool replace, IActivity activity, CancellationToken cancellationToken)
    {
        string path = PlanFiles.PathOf(environment, planned.Plan.Name), folder = PlanFiles.FolderOf(environment);
        if (!replace && File.Exists(path)) throw RecoveryErrors.PlanExists(planned.Plan.Name, path);
        // What was edited by hand is not lost: it stays as a revision.
        if (File.Exists(path)) PlanHistory.Keep(PlanReader.Read(path, environment).Plan, activity);
        foreach (var (source, content) in planned.Sources) await WriteSourceAsync(Path.Combine(folder, source), content, cancellationToken).ConfigureAwait(false);
        await PlanWriter.WriteAsync(planned.Plan, path, replace, cancellationToken).ConfigureAwait(false);
        return PlanReader.Read(path, environment).Require();
    }

    private static async Task WriteSourceAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(temporary, content, cancellationToken).ConfigureAwait(false);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw RecoveryErrors.PlanNotWritten(path, error);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }
}
