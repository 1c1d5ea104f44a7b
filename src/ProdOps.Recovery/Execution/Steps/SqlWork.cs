using ProdOps.Servers.Commands;
using ProdOps.Servers.Databases;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>Statements are run in a database, as its own system user: all of them or, where the database can, none.</summary>
internal sealed class SqlWork(StepContext context) : StepWork(context)
{
    public override bool IsIdempotent => Step.Unless is not null;

    public override bool HasJob => true;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        if (Step.Unless is { } query && (await Context.ScriptAsync(Script(Step, query, "-A -t"), cancellationToken).ConfigureAwait(false)).Text.Trim().Length > 0) return [];
        string first = Step.Text.Trim().Split('\n')[0];
        return [$"{Step.Database}: runs {(first.Length > 100 ? first[..100] + "…" : first)}"];
    }

    public override Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken) =>
        Context.JobAsync(Script(Step, Step.Text, "-1"), new Dictionary<string, SecretReference>(), cancellationToken);

    /// <summary>The statements go over standard input, behind a mark that is in none of them.</summary>
    public static string Script(RecoveryStep step, string statements, string options)
    {
        string mark = "END OF SQL";
        while (statements.Split('\n').Contains(mark)) mark += "_";
        bool isPostgres = step.Engine == RecoveryDatabaseEngine.PostgreSql;
        string client = isPostgres
            ? $"as_owner psql -X -q -v ON_ERROR_STOP=1 {options} -d {ShellQuote.Word(PostgreSqlClient.Connection(step.Database))}"
            : $"as_owner \"$(command -v mariadb || command -v mysql)\" --batch --skip-column-names -D {ShellQuote.Word(step.Database)}";
        return ClientScript.AsOwner(isPostgres ? "postgres" : "root", wanted: true) + $"{client} <<'{mark}'\n{statements}\n{mark}\n";
    }
}
