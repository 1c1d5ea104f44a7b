using System.Text;
using System.Text.RegularExpressions;
using ProdOps.Recovery.Topology;
using static System.FormattableString;

namespace ProdOps.Recovery.Timelines;

/// <summary>
/// Ranks what happened shortly before the first symptom. A score is a product: how near it was (halved every five minutes), how often such a thing is a cause, whose it was (the symptom's server, one that it needs, one
/// that needs it), and how seldom the like happens.
/// </summary>
/// <param name="model">What needs what; <see langword="null"/> without an environment.</param>
internal sealed partial class CauseRanking(TopologyModel? model)
{
    // What monitoring is certain of began before: a server takes longer to be known to be gone than what needs it to be known to fail.
    private static readonly TimeSpan Certainty = TimeSpan.FromMinutes(2);

    private const double HalfLife = 300, Same = 1, Needed = 0.85, Together = 0.5, Needing = 0.4, Elsewhere = 0.15, Unknown = 0.45;

    /// <summary>The first sign that something is wrong: a state that is not well, an incident; else a burst of bad lines.</summary>
    public static TimelineEvent? Symptom(IEnumerable<TimelineEvent> events)
    {
        TimelineEvent? log = null;
        foreach (var told in events)
        {
            if (told.Kind is TimelineKind.Health or TimelineKind.Incident && told.Severity != TimelineSeverity.Info) return told;
            if (log is null && told.Kind is TimelineKind.LogBurst or TimelineKind.LogPattern && told.Severity != TimelineSeverity.Info) log = told;
        }

        return log;
    }

    /// <summary>What may be the cause, the likeliest first.</summary>
    /// <param name="events">All that happened, the time before included.</param>
    /// <param name="symptom">The first symptom.</param>
    public IReadOnlyList<TimelineEvent> Rank(IReadOnlyList<TimelineEvent> events, TimelineEvent symptom)
    {
        var often = events.GroupBy(Likeness, StringComparer.Ordinal).ToDictionary(like => like.Key, like => like.Count(), StringComparer.Ordinal);
        var related = Relations(symptom.Server);
        return [.. events.Where(told => told != symptom && Prior(told) > 0 && (told.Time - told.Uncertainty <= symptom.Time + symptom.Uncertainty || Explains(told)))
            .Select(told => Score(told, symptom, related, often[Likeness(told)])).OrderByDescending(told => told.Score).ThenByDescending(told => told.Time)];

        bool Explains(TimelineEvent told) => IsGone(told) && told.Time <= symptom.Time + Certainty && related.GetValueOrDefault(told.Server) >= Needed;
    }

    /// <summary>Whether it says that a server cannot be reached.</summary>
    private static bool IsGone(TimelineEvent told) => told.Source is HealthEvent { Kind: HealthEventKind.Server, State: HealthState.Critical };

    private TimelineEvent Score(TimelineEvent told, TimelineEvent symptom, Dictionary<string, double> related, int count)
    {
        var before = symptom.Time - told.Time;
        double seconds = Math.Max(0, before.TotalSeconds), near = Math.Pow(2, -seconds / HalfLife), prior = Prior(told), rare = 1 / (1 + Math.Log2(count));
        double whose = model is null || symptom.Server.Length == 0 || told.Server.Length == 0 ? told.Server.Equals(symptom.Server, StringComparison.OrdinalIgnoreCase) && told.Server.Length > 0 ? Same : Unknown
            : related.TryGetValue(told.Server, out double known) ? known : Elsewhere;
        string relation = whose switch { Same => "the same server", Needed => $"{symptom.Server} needs {told.Server}", Together => "fails together with it", Needing => $"{told.Server} needs {symptom.Server}", Unknown => "whose it is nobody knows", _ => "a server that has nothing to do with it" };
        return told with
        {
            Score = near * prior * whose * rare,
            Reason = Invariant($"{seconds:0} s before ({near:0.00}) × {told.Kind} ({prior:0.00}) × {relation} ({whose:0.00}) × {(count == 1 ? "once" : $"{count} times")} ({rare:0.00})"),
        };
    }

    /// <summary>How often such a thing is the cause of an incident: changes by people most of all, symptoms of the same thing hardly.</summary>
    private static double Prior(TimelineEvent told) => told.Kind switch
    {
        TimelineKind.Deployment => 0.9,
        TimelineKind.Configuration or TimelineKind.Publication => 0.85,
        TimelineKind.OomKill or TimelineKind.Reboot => 0.8,
        TimelineKind.Package => 0.75,
        TimelineKind.Restore => 0.6,
        TimelineKind.Service => told.Severity == TimelineSeverity.Critical ? 0.55 : 0.5,
        TimelineKind.Test => 0.5,
        TimelineKind.Sudo => 0.4,
        TimelineKind.Metric => 0.3,
        // Of databases people's changes are known by their logs alone (log_statement = ddl).
        TimelineKind.LogPattern when told.Source is LogPattern { Pattern: var line } && Definition().IsMatch(line) => 0.85,
        TimelineKind.LogPattern => told.Severity == TimelineSeverity.Info ? 0.15 : 0.3,
        TimelineKind.LogBurst or TimelineKind.Backup => 0.25,
        TimelineKind.Login => 0.2,
        TimelineKind.Action => 0.2,
        // What monitoring finds is what is to be explained, unless a server needs the other.
        TimelineKind.Health => told.Severity == TimelineSeverity.Info ? 0 : IsGone(told) ? 0.7 : 0.35,
        _ => 0,
    };

    private Dictionary<string, double> Relations(string server)
    {
        var found = new Dictionary<string, double>(StringComparer.OrdinalIgnoreCase);
        if (model is null || model.Graph.Find(TopologyNodeKind.Server, server) is not { } node) return found;
        var graph = model.Graph;
        var users = new List<int>[graph.Nodes.Count];
        foreach (var one in graph.Nodes)
            foreach (int member in one.Needs.SelectMany(need => need.Members)) (users[member] ??= []).Add(one.Id);
        // From what it fails together with, only its neighbours there; from what it needs all that that needs. That they stand in one site, as all may do, says nothing.
        foreach (int cause in node.Needs.SelectMany(need => need.Members).Where(id => graph[id].IsCommonCause && graph[id].Kind != TopologyNodeKind.Site)) Note((users[cause] ?? []).Select(id => graph[id]), Together);
        Note(Reach(node.Id, id => users[id] ?? []), Needing);
        Note(Reach(node.Id, id => graph[id].Needs.SelectMany(need => need.Members).Where(member => !graph[member].IsCommonCause)), Needed);
        // Of the servers behind it a balancer's node says nothing: its entry needs both.
        foreach (var balancer in model.Environment.LoadBalancers)
        {
            if (balancer.Pool.Contains(server, StringComparer.OrdinalIgnoreCase)) Note(balancer.Servers.Select(name => graph.Find(TopologyNodeKind.Server, name)).OfType<TopologyNode>(), Needing);
            if (balancer.Servers.Contains(server, StringComparer.OrdinalIgnoreCase)) Note(balancer.Pool.Select(name => graph.Find(TopologyNodeKind.Server, name)).OfType<TopologyNode>(), Needed);
        }

        found[node.Name] = Same;
        return found;

        void Note(IEnumerable<TopologyNode> nodes, double value)
        {
            foreach (var one in nodes) if (one.Kind == TopologyNodeKind.Server) found[one.Name] = Math.Max(value, found.GetValueOrDefault(one.Name));
        }

        IEnumerable<TopologyNode> Reach(int from, Func<int, IEnumerable<int>> next)
        {
            var seen = new HashSet<int>();
            var left = new Stack<int>([from]);
            while (left.TryPop(out int id))
            {
                if (!seen.Add(id)) continue;
                foreach (int further in next(id)) left.Push(further);
            }

            return seen.Select(id => graph[id]);
        }
    }

    /// <summary>Server, kind and text without its numbers: what is alike happens often.</summary>
    private static string Likeness(TimelineEvent told)
    {
        var text = new StringBuilder($"{told.Server}\n{told.Kind}\n");
        foreach (char c in told.Text) if (!char.IsAsciiDigit(c)) text.Append(c);
        return text.ToString();
    }

    /// <summary>A statement that changes what a database is made of.</summary>
    [GeneratedRegex(@"\b(alter|create|drop|rename|truncate)\s+((unique|materialized)\s+)?(table|index|view|schema|database|sequence|type|function|procedure|trigger|role|user)\s+\S", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Definition();
}
