namespace ProdOps.Lab.Tests.Logging;

/// <summary>A host whose PostgreSQL logs every statement, to the file that Debian's package rotates by <c>copytruncate</c>.</summary>
internal sealed class DatabaseServer(LabHost host) : IAsyncDisposable
{
    private const string Setup = """
        systemctl start postgresql
        rm -rf /var/lib/lab /var/log/postgresql/*.log.*; mkdir -p /var/lib/lab
        for log in /var/log/postgresql/*.log; do : >"$log"; done
        """;

    // Each round: three statements, one of which is of two lines, and one that fails.
    private const string Load = """
        n=0
        while [ ! -e /var/lib/lab/stop ]; do
            n=$((n + 1))
            printf "SELECT 'order $n-%s';\n" 1 2 >/run/lab-sql
            printf "SELECT\n'order $n-3';\nSELECT 1/0;\n" >>/run/lab-sql
            flock /run/lab-lock runuser -u postgres -- env PGOPTIONS='-c log_statement=all' psql -q -X -A -t postgres </run/lab-sql >>/var/lib/lab/answers 2>/dev/null
            sleep 0.05
        done
        """;

    public LabHost Host => host;

    public async Task StartAsync()
    {
        await host.RunAsync(Setup);
        await host.RunAsync("cat >/run/lab-load; systemd-run --quiet --collect --unit=lab-load sh /run/lab-load", Load);
        await host.WaitAsync("[ -s /var/lib/lab/answers ]", seconds: 50);
    }

    /// <summary>Has logrotate rotate all. What is written between its copying and its cutting is gone, as it is for everybody, so no statement comes meanwhile.</summary>
    public Task RotateAsync() => host.RunAsync("flock /run/lab-lock logrotate -f /etc/logrotate.conf; before=$(wc -l </var/lib/lab/answers); while [ \"$(wc -l </var/lib/lab/answers)\" = \"$before\" ]; do sleep 0.02; done");

    public Task EndAsync() => host.RunAsync("touch /var/lib/lab/stop; while systemctl is-active --quiet lab-load; do sleep 0.02; done");

    /// <summary>What the statements answered, in order.</summary>
    public async Task<string[]> AnswersAsync() => (await host.RunAsync("cat /var/lib/lab/answers")).Split('\n');

    public async ValueTask DisposeAsync() => await EndAsync();
}
