using System.Diagnostics;

namespace ProdOps.Cmdlets.Tests.Backup;

/// <summary>A PostgreSQL of the test's own, in a folder, on a Unix socket, as a user without rights.</summary>
internal sealed class PrivatePostgreSql : IDisposable
{
    private const string Find = "cd /; b=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1); ";
    private static readonly string Owner = System.Environment.IsPrivilegedProcess ? "runuser -u nobody -- " : "";

    public PrivatePostgreSql()
    {
        Folder = Directory.CreateTempSubdirectory("prodops-pg-").FullName;
        Sh($"{Find}{(Owner.Length > 0 ? $"chown nobody {Folder}; " : "")}{Owner}$b/initdb -D {Folder}/data -U admin -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null && "
            + $"{Owner}$b/pg_ctl -D {Folder}/data -w -l {Folder}/log -o \"-k {Folder} -c listen_addresses= -c fsync=off\" start >/dev/null");
    }

    /// <summary>The folder of its socket.</summary>
    public string Folder { get; }

    public string Ask(string database, string sql) => Sh($"psql -X -A -t -q -v ON_ERROR_STOP=1 -h {Folder} -U admin -d {database} -c \"{sql}\"").Trim();

    public void Dispose()
    {
        Sh($"{Find}{Owner}$b/pg_ctl -D {Folder}/data -m immediate stop");
        Directory.Delete(Folder, recursive: true);
    }

    private static string Sh(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script]) { RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{script}\nended with {process.ExitCode}");
    }
}
