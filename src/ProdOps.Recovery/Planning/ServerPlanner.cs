using ProdOps.Recovery.Topology;
using static ProdOps.ServerConfigurationClass;
using static ProdOps.ServerConfigurationKind;

namespace ProdOps.Recovery.Planning;

/// <summary>
/// Makes of a capture the plan that builds the server anew on a blank host of the same system. What needs a person is a Manual step; what nothing brings back, or
/// belongs to the machine, is listed as unexplained: nothing is left out in silence.
/// </summary>
/// <param name="capture">What the server is made of.</param>
/// <param name="contents">The contents of its files of configuration.</param>
/// <param name="environment">The environment that it belongs to.</param>
/// <param name="name">The plan's name.</param>
internal sealed partial class ServerPlanner(ServerConfiguration capture, IReadOnlyDictionary<string, byte[]> contents, ProdOpsEnvironment environment, string name)
{
    private readonly List<RecoveryStep> _steps = [];
    private readonly List<string> _unexplained = [];
    private readonly Dictionary<string, byte[]> _sources = new(StringComparer.Ordinal);
    private IReadOnlyList<EnvironmentRepository> _repositories = [];

    /// <summary>The plan, and the contents of files that lie beside it, by their paths from the plan's folder on.</summary>
    public PlannedServer Build(RecoveryScenario scenario)
    {
        if (scenario == RecoveryScenario.RepositoryLost) _repositories = RepositoryHosts.On(environment, capture.Server);
        AddSystem();
        AddRepositories();
        AddAccounts();
        AddPackages();
        AddMounts();
        AddFolders();
        AddFiles();
        AddSettings();
        AddRestores();
        AddSecrets();
        AddForeignPackages();
        AddDatabases();
        AddUnits();
        AddContainers();
        AddRepositoryCopies();
        AddVerification();
        foreach (var item in capture.Unexplained) _unexplained.Add(Line(item, item.Reason));
        foreach (var gap in capture.NotRead) _unexplained.Add(PlainText(gap.ToString()));
        var plan = new RecoveryPlan
        {
            Name = name,
            Server = capture.Server,
            Scenario = scenario,
            Purpose = $"Builds {capture.Server} anew on a blank host with {(PlanText.IsLine(capture.SystemId) ? capture.SystemId : "the same system")}, as it was captured{(_repositories.Count > 0 ? $", and brings back the repositories that were on it: {string.Join(", ", _repositories.Select(repository => repository.Name))}" : "")}.",
            Requires = new RecoveryRequirements { System = PlanText.IsLine(capture.SystemId) ? [capture.SystemId] : [], Architecture = PlanText.IsLine(capture.Machine) ? capture.Machine : null, FreeSpace = FreeSpace() },
            Captured = capture.Time,
            Coverage = Math.Round(capture.Coverage.FileShare, 6),
            Unexplained = [.. _unexplained.Distinct()],
            Steps = [.. _steps],
        };
        return new PlannedServer(plan, _sources);
    }

    /// <summary>Whether a file's content, or a link's target, is set again by the plan: not where another step makes it.</summary>
    public static bool IsReplayed(ServerConfigurationItem item) => item.Class == Replay && item.Property("State") != "missing" && item.Kind switch
    {
        ServerConfigurationKind.File => !IsOfMachine(item.Name) && item.Property("Checksum") is not null,
        // Enabling a unit makes its links; what is left are masks, and links that an admin made. The time zone has a step of its own.
        Link => item.Name != "/etc/localtime" && !IsOfMachine(item.Name) && !Enables(item),
        _ => false,
    };

    /// <summary>What belongs to the machine's network or disks: the target has its own.</summary>
    private static bool IsOfMachine(string path) => path is "/etc/hosts" or "/etc/hostname" or "/etc/fstab" or "/etc/crypttab"
        || path.StartsWith("/etc/network/", StringComparison.Ordinal) || path.StartsWith("/etc/netplan/", StringComparison.Ordinal) || path.StartsWith("/etc/systemd/network/", StringComparison.Ordinal)
        || path.StartsWith("/etc/NetworkManager/system-connections/", StringComparison.Ordinal) || path.StartsWith("/etc/sysconfig/network-scripts/", StringComparison.Ordinal);

    private static bool Enables(ServerConfigurationItem link) => link.Name.StartsWith("/etc/systemd/", StringComparison.Ordinal)
        && (link.Name.Contains(".wants/", StringComparison.Ordinal) || link.Name.Contains(".requires/", StringComparison.Ordinal) || link.Property("Target") is { } target && target != "/dev/null" && target.EndsWith(".service", StringComparison.Ordinal));

    /// <summary>Adds a step after the one before it.</summary>
    private void Add(RecoveryStep step)
    {
        // Two names of the server can become one of a step.
        string start = step.Name.Length > 100 ? step.Name[..100].TrimEnd() : step.Name, unique = start;
        for (int i = 2; _steps.Exists(other => other.Name.Equals(unique, StringComparison.OrdinalIgnoreCase)); i++) unique = $"{start} {i}";
        _steps.Add(step with { Name = unique, DependsOn = _steps.Count > 0 ? [_steps[^1].Name] : [] });
    }

    private void Command(string step, string purpose, string text, string? unless) => Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Command, Purpose = purpose, Text = text, Unless = string.IsNullOrEmpty(unless) ? null : unless });

    private void Manual(string step, string purpose, IEnumerable<string> lines) => Add(new RecoveryStep { Name = step, Kind = RecoveryStepKind.Manual, Purpose = purpose, Text = string.Join('\n', lines) });

    private IEnumerable<ServerConfigurationItem> Of(ServerConfigurationKind kind) => capture.Items.Where(item => item.Kind == kind);

    private static string Line(ServerConfigurationItem item, string reason) => PlainText($"{item}: {reason}");

    private static string PlainText(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>A plan that was made of a capture.</summary>
/// <param name="Plan">The plan, not written yet.</param>
/// <param name="Sources">Contents of files that its steps take from beside it, by their paths from the plan's folder on.</param>
internal sealed record PlannedServer(RecoveryPlan Plan, IReadOnlyDictionary<string, byte[]> Sources);
