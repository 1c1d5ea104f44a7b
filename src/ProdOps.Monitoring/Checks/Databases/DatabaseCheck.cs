using System.Globalization;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Monitoring.Checks.Databases;

/// <summary>Asks a database server by its own client, which runs on the server: nothing is open to the network that was not before.</summary>
/// <param name="subject">What the results are called.</param>
/// <param name="question">What the kind of server is asked.</param>
/// <param name="shell">Where the client runs.</param>
/// <param name="options">How the server is reached, and what more is asked.</param>
/// <param name="time">The clock.</param>
internal sealed class DatabaseCheck(CheckSubject subject, IDatabaseQuestion question, CheckShell shell, DatabaseCheckOptions options, TimeProvider time) : IHealthCheck
{
    private const char Separator = '\u001e';

    private readonly CheckRun _run = new(subject, options.Timeout, time);
    private readonly DatabaseResults _results = new(subject, question.Metrics);

    public Task<IReadOnlyList<HealthCheckResult>> RunAsync(CancellationToken cancellationToken) => _run.AllAsync(async (blank, limit) =>
    {
        byte[] input = await PasswordInput.ReadLineAsync(options.Access.Password, limit).ConfigureAwait(false);
        try
        {
            var opened = await shell.OpenAsync(limit).ConfigureAwait(false);
            long begun = time.GetTimestamp();
            var output = await CheckShell.RunAsync(opened, question.Command(options.Access, options.AsRoot, options.Database, options.Query, options.Timeout), input, limit).ConfigureAwait(false);
            var took = time.GetElapsedTime(begun);
            return output.Exit.Succeeded ? _results.Of(blank, Read(output.Text, output.ErrorText), took, options.Expect) : [Failed(blank, output)];
        }
        finally
        {
            Array.Clear(input);
        }
    }, cancellationToken);

    /// <summary>What the command printed: the measures, and behind a separator the answer to the admin's own query and its exit code.</summary>
    internal DatabaseReport Read(string text, string errors)
    {
        string[] parts = text.Split(Separator);
        var report = question.Parse(parts[0], errors);
        if (parts.Length < 3) return report;
        bool hasFailed = parts[^1].Trim() != "0";
        return report with { Answer = new QueryAnswer(parts[1], hasFailed ? LastLine(errors) : null) };
    }

    private HealthCheckResult Failed(HealthCheckResult blank, CommandOutput output)
    {
        string said = output.ErrorLines.FirstOrDefault(line => line.Length > 0) ?? $"the client ended with {output.Exit.Code.ToString(CultureInfo.InvariantCulture)}";
        return blank with { State = question.IsMissing(output.Exit) ? HealthState.Unknown : HealthState.Critical, Message = said };
    }

    private static string LastLine(string errors) => errors.TrimEnd('\n').Split('\n')[^1];
}

/// <summary>How a database server is reached and what it must do.</summary>
internal sealed record DatabaseCheckOptions
{
    public DatabaseAccess Access { get; init; } = new();

    /// <summary>Whether the client runs as root. It does so, to become the database's own system user, where neither a place nor a user is named.</summary>
    public bool AsRoot { get; init; }

    /// <summary>The database; empty for the one that every server has.</summary>
    public string Database { get; init; } = "";

    /// <summary>A query of the admin's own.</summary>
    public string? Query { get; init; }

    /// <summary>What the query must come to.</summary>
    public string? Expect { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>What a kind of database server is asked by its client, and how the answer reads.</summary>
internal interface IDatabaseQuestion
{
    /// <summary>What the names of its metrics begin with.</summary>
    string Metrics { get; }

    /// <summary>The command that asks.</summary>
    ServerCommand Command(DatabaseAccess access, bool asRoot, string database, string? query, TimeSpan timeout);

    /// <summary>Whether an exit code says that the client is not there.</summary>
    bool IsMissing(CommandExit exit);

    /// <summary>Reads an answer.</summary>
    /// <exception cref="ProdOpsException">It is none.</exception>
    DatabaseReport Parse(string measures, string errors);
}
