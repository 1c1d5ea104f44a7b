using System.Globalization;
using System.Text;
using ProdOps.Servers.Inventory.Data;
using ProdOps.Servers.Inventory.Sections;
using ProdOps.Servers.Inventory.Schema;

namespace ProdOps.Servers.Inventory.Probing;

/// <summary>Writes a first environment file from what was seen on hosts.</summary>
internal static class EnvironmentWriter
{
    /// <summary>The file's text. What was guessed is said to be guessed.</summary>
    /// <param name="name">The environment's name.</param>
    /// <param name="hosts">The hosts, in the order given; without facts for one that could not be looked at.</param>
    /// <param name="today">The day, for the first line.</param>
    public static string Write(string name, IReadOnlyList<(Server Server, HostFacts? Facts)> hosts, DateTimeOffset today)
    {
        var entries = Entries(hosts);
        var text = new StringBuilder();
        Line(text, $"# The environment '{name}', first written on {today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}. It is read as data and never executed.");
        Line(text, "# Roles, services and dependencies are guesses from what was seen on the servers. Correct them, then run Test-ProdOpsEnvironment -Connect.");
        Line(text, "@{");
        Line(text, $"    Name = {DataWriter.Quote(name)}");
        Line(text, "");
        Line(text, "    # What the environment promises. Uncomment it and put in what you have agreed upon.");
        Line(text, "    # Objectives = @{ Availability = '99.9%'; RecoveryPoint = '1h'; RecoveryTime = '15m'; ResponseTime = '300ms' }");
        Line(text, "");
        Line(text, "    Servers = @(");
        foreach (var entry in entries) Write(text, entry, entries);
        Line(text, "    )");
        foreach (string line in BackupGuess.Lines([.. entries.Select(entry => (entry.Name, entry.Facts))])) Line(text, line);
        Line(text, "}");
        return Checked(text.ToString());
    }

    private static void Write(StringBuilder text, Entry entry, IReadOnlyList<Entry> all)
    {
        var (server, facts, name, guess) = entry;
        Line(text, facts is null
            ? "        # Could not be connected to: nothing is known about it yet."
            : $"        # {facts.System ?? "unknown system"}{(facts.Ports.Count > 0 ? "; listens on " + string.Join(", ", facts.Ports.Take(12)) : "")}{(facts.Ports.Count > 12 ? ", …" : "")}");
        var parts = new List<string> { $"Name = {DataWriter.Quote(name)}" };
        if (server.IsLocal) parts.Add("Local = $true");
        else if (!string.Equals(server.Address, name, StringComparison.OrdinalIgnoreCase)) parts.Add($"Address = {DataWriter.Quote(server.Address ?? server.Name)}");
        string ssh = string.Join("; ", new[]
        {
            server.Ssh.User is { } user ? $"User = {DataWriter.Quote(user)}" : null,
            server.Ssh.Port is { } port ? $"Port = {port.ToString(CultureInfo.InvariantCulture)}" : null,
        }.OfType<string>());
        if (ssh.Length > 0) parts.Add($"Ssh = @{{ {ssh} }}");
        var guesses = new List<string>();
        if (guess.Roles.Count > 0) Add(parts, guesses, "Role", guess.Roles);
        if (guess.Services.Count > 0) Add(parts, guesses, "Services", guess.Services);
        if (Needs(entry, all) is { } needs) Add(parts, guesses, "DependsOn", [needs]);
        Line(text, $"        @{{ {string.Join("; ", parts)} }}{(guesses.Count > 0 ? $"  # guessed: {string.Join(", ", guesses)}" : "")}");
    }

    private static void Add(List<string> parts, List<string> guesses, string key, IReadOnlyList<string> values)
    {
        parts.Add($"{key} = {string.Join(", ", values.Select(DataWriter.Quote))}");
        guesses.Add(key);
    }

    /// <summary>A load balancer needs applications, an application needs databases, where there are such.</summary>
    private static string? Needs(Entry entry, IReadOnlyList<Entry> all)
    {
        string? role = entry.Guess.Roles.FirstOrDefault() switch { "LoadBalancer" => "App", "App" or "Web" => "Database", _ => null };
        return role is not null && !entry.Guess.Roles.Contains(role) && all.Any(other => other.Guess.Roles.FirstOrDefault() == role) ? $"role:{role}" : null;
    }

    private static List<Entry> Entries(IReadOnlyList<(Server Server, HostFacts? Facts)> hosts)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var entries = new List<Entry>();
        foreach (var (server, facts) in hosts)
        {
            // What the host calls itself is what its admin calls it; an address is no name.
            string name = facts?.HostName?.Split('.')[0] is { Length: > 0 } own && Kinds.IsName(own) && own != "localhost" ? own : NameOf(server);
            string unique = name;
            for (int number = 2; !names.Add(unique); number++) unique = $"{name}-{number.ToString(CultureInfo.InvariantCulture)}";
            entries.Add(new Entry(server, facts, unique, facts is null ? new RoleGuess([], []) : RoleGuess.Of(facts)));
        }

        return entries;
    }

    private static string NameOf(Server server)
    {
        string name = new([.. server.Name.Select(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')]);
        return Kinds.IsName(name) ? name : "server" + name;
    }

    /// <summary>The text, read back: what is written here must be what the reader takes.</summary>
    private static string Checked(string text)
    {
        var problems = new List<EnvironmentProblem>();
        if (DataParser.Parse(text, Path.GetFullPath(EnvironmentFinder.FileName), problems) is { } table) RootSection.Schema.Read(table, new ReadContext(problems));
        return problems.Count == 0 ? text : throw new InvalidOperationException($"The file that was written is wrong: {problems[0]}");
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private sealed record Entry(Server Server, HostFacts? Facts, string Name, RoleGuess Guess);
}
