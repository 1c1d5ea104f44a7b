namespace ProdOps.Backup.Tests.Databases;

/// <summary>A fact that needs programs of databases.</summary>
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs) =>
        Skip = Requirements.Missing(programs) ?? (programs.Contains("pg_dump") && !Directory.Exists("/usr/lib/postgresql") ? "needs PostgreSQL's server" : null);
}
