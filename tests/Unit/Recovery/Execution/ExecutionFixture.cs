using ProdOps.Backup.Tests.Storage;
using ProdOps.Recovery.Execution;
using ProdOps.Recovery.Plans;

namespace ProdOps.Recovery.Tests.Execution;

/// <summary>A plan about this machine, in a folder of its own: <c>{0}</c> in the steps stands for it.</summary>
internal sealed class ExecutionFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Server _server = new() { Name = "web1", IsLocal = true };

    public ExecutionFixture(string steps)
    {
        Environment = new ProdOpsEnvironment { Name = "shop", Path = _folder["environment.psd1"], Servers = [_server] };
        Access = new TestAccess(Folder);
        Write(steps);
    }

    public string Folder => _folder.Path;

    public string Journals => _folder["journals"];

    public ProdOpsEnvironment Environment { get; set; }

    public TestAccess Access { get; set; }

    /// <summary>The moment from before which data is restored.</summary>
    public DateTimeOffset? Before { get; set; }

    public List<RecoveryRunStep> Emitted { get; } = [];

    public List<ProdOpsException> Failures { get; } = [];

    public RecoveryPlan Plan => PlanReader.Read(PlanFiles.PathOf(Environment, "web1"), Environment).Require();

    public string this[string name] => _folder[name];

    public void Write(string steps)
    {
        Directory.CreateDirectory(PlanFiles.FolderOf(Environment));
        // As whoever runs the tests, in the user's own folder for runs.
        File.WriteAllText(PlanFiles.PathOf(Environment, "web1"), $"@{{ Server = 'web1'\nSteps = @(\n{steps.Replace("{0}", Folder, StringComparison.Ordinal)}\n) }}");
    }

    public IReadOnlyList<PlannedStep> Steps(bool isDrill = false, params string[] only) => new PlanExpansion(Environment, _server, Plan, isDrill) { Before = Before }.Expand(only);

    public RunJournal Begin()
    {
        var (plan, steps) = (Plan, Steps());
        return RunJournal.Create(Journals, new RunHeader { Plan = plan.Name, PlanPath = plan.Path, Revision = plan.Revision, Server = plan.Server, Target = "web1", By = "me@ops", Steps = [.. steps.Select(step => new RunHeaderStep(step.Step.Name, step.Step.Kind, "web1"))] }, TimeProvider.System);
    }

    public async Task<bool> RunAsync(RunJournal journal, ExecutionOptions? options = null, CancellationToken cancellationToken = default, params string[] only)
    {
        Emitted.Clear();
        Failures.Clear();
        var execution = new RecoveryExecution(journal, Plan, Steps(false, only), options ?? new ExecutionOptions { VerifyPatience = TimeSpan.FromSeconds(2) }, Environment, Access, SilentActivity.Instance, TimeProvider.System)
        {
            Emit = step => { lock (Emitted) Emitted.Add(step); return Task.CompletedTask; },
            Fail = error => { lock (Failures) Failures.Add(error); return Task.CompletedTask; },
        };
        return await execution.RunAsync(cancellationToken);
    }

    /// <summary>Runs all of it anew.</summary>
    public async Task<bool> RunAsync(ExecutionOptions? options = null, params string[] only)
    {
        using var journal = Begin();
        return await RunAsync(journal, options, default, only);
    }

    public string States => string.Join(' ', Plan.Steps.Select(step => $"{step.Name}:{Emitted.LastOrDefault(one => one.Step == step.Name)?.State}"));

    public void Dispose() => _folder.Dispose();
}
