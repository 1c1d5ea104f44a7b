using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace ProdOps.Lab.Tests.LoadBalancing;

/// <summary>
/// Requests of a client, sent by Test-LoadBalancer in a process of its own: they begin before something is done to balancers or servers and end after it.
/// </summary>
internal sealed class LabLoad : IAsyncDisposable
{
    /// <summary>Where <see cref="PrepareAsync"/> has nginx write the id of each request that it got.</summary>
    public const string IdLog = "/var/log/nginx/ids.log";

    /// <summary>The line of nginx' configuration that says who answers: what is written there is seen by clients after a restart.</summary>
    public const string ServedBy = "/etc/nginx/lab-served-by";

    private const string Tell = """
        foreach ($property in $result.PSObject.Properties) { [Console]::Out.WriteLine("$($property.Name)=$(if ($property.Value -is [datetimeoffset]) { $property.Value.UtcTicks } else { $property.Value })") }
        foreach ($share in $result.Servers) { [Console]::Out.WriteLine("Share=$($share.Requests) $($share.Failed) $($share.Server)") }
        foreach ($failure in $result.Failures) { [Console]::Out.WriteLine("Failure=$($failure.Requests) $($failure.Text)") }
        """;

    // Above what a busy machine needs to start a process of PowerShell.
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private LabLoad(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>
    /// Makes a host an application server: its nginx answers each path with the host's name and an <c>X-Served-By</c> header, <c>/health</c> too, and writes the ids of requests
    /// to <see cref="IdLog"/>. <c>/slow</c> takes as many tenths of a second as 64 KiB at 640 KiB/s do: one. <c>/big</c> has more than any buffers on the way.
    /// </summary>
    public static Task PrepareAsync(LabHost host, int port = 8080) => host.RunAsync($$"""
        systemctl stop nginx
        rm -f /etc/nginx/sites-enabled/default /etc/nginx/conf.d/* {{IdLog}}
        mkdir -p /var/lib/lab-app
        truncate -s 500M /var/lib/lab-app/big
        echo 'add_header X-Served-By {{host.Name}} always;' >{{ServedBy}}
        head -c 65536 /dev/zero | tr '\0' . >/var/lib/lab-app/slow
        cat >/etc/nginx/conf.d/lab-app.conf <<'END'
        log_format ids '$http_x_request_id $status $request';
        server {
            listen {{port}};
            access_log off;
            keepalive_requests 1000000;
            include {{ServedBy}};
            location / { access_log {{IdLog}} ids; default_type text/plain; return 200 "{{host.Name}}\n"; }
            location = /health { default_type text/plain; return 200 "ok\n"; }
            location = /big { alias /var/lib/lab-app/big; }
            location = /slow { access_log {{IdLog}} ids; alias /var/lib/lab-app/slow; limit_rate 640k; error_page 405 =200 $uri; }
        }
        END
        nginx -t -q
        systemctl start nginx
        """);

    /// <summary>Sends requests until it is stopped. It returns when the first have ended.</summary>
    /// <param name="url">What is asked.</param>
    /// <param name="rate">Requests a second.</param>
    /// <param name="options">More parameters of Test-LoadBalancer, e.g. <c>-Close -Method POST</c>.</param>
    public static async Task<LabLoad> StartAsync(string url, int rate = 200, string options = "")
    {
        string script = $"$result = Test-LoadBalancer -Url '{url}' -Rate {rate} {options} -ScriptBlock {{ [Console]::Out.WriteLine('begun'); $null = [Console]::In.ReadLine() }}\n{Tell}";
        var load = new LabLoad(HostProcess.Start(["-Command", script]));
        try
        {
            string? line = await load._process.StandardOutput.ReadLineAsync().WaitAsync(StartLimit);
            if (line != "begun") throw new InvalidOperationException($"The load did not begin: {line} {await load._errors.WaitAsync(EndLimit)}");
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a number of requests and waits for all.</summary>
    public static async Task<LabLoadResult> RunAsync(string url, long requests, int rate, string options = "")
    {
        await using var load = new LabLoad(HostProcess.Start(["-Command", $"$result = Test-LoadBalancer -Url '{url}' -Requests {requests} -Rate {rate} {options}\n{Tell}"]));
        return await load.ReadAsync(TimeSpan.FromSeconds(requests / rate) + EndLimit);
    }

    /// <summary>Ends the requests and tells what became of them.</summary>
    public async Task<LabLoadResult> StopAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        return await ReadAsync(EndLimit);
    }

    /// <summary>Ends the requests and counts on servers which they got: none of them may have got the same request twice, and which were lost must have failed.</summary>
    public Task<LabLoadResult> StopAsync(params LabHost[] servers) => StopAsync($"cat {IdLog}", servers);

    /// <summary>Likewise, on servers whose log a command prints.</summary>
    public async Task<LabLoadResult> StopAsync(string log, LabHost[] servers)
    {
        var result = await StopAsync();
        return result.Counted(await IdsAsync(result.Run, log, servers));
    }

    /// <summary>The ids of a run's requests that servers got, with how often.</summary>
    public static Task<Dictionary<string, int>> IdsAsync(string run, params LabHost[] servers) => IdsAsync(run, $"cat {IdLog}", servers);

    private static async Task<Dictionary<string, int>> IdsAsync(string run, string log, LabHost[] servers)
    {
        var ids = new Dictionary<string, int>();
        foreach (var server in servers)
        {
            string found = await server.RunAsync($"{log} | grep -o '{run}-[0-9]*' || true");
            foreach (string id in found.Split('\n', StringSplitOptions.RemoveEmptyEntries)) ids[id] = ids.GetValueOrDefault(id) + 1;
        }

        return ids;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(EndLimit);
        _process.Dispose();
    }

    private async Task<LabLoadResult> ReadAsync(TimeSpan limit)
    {
        string text = await _process.StandardOutput.ReadToEndAsync().WaitAsync(limit);
        string errors = await _errors.WaitAsync(limit);
        return errors.Length == 0 ? new LabLoadResult(text) : throw new InvalidOperationException(errors);
    }
}

/// <summary>What a client saw: the properties of a LoadTestResult, as texts say them.</summary>
internal sealed class LabLoadResult
{
    private readonly Dictionary<string, string> _values = [];

    public LabLoadResult(string text)
    {
        Text = text;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split('=', 2) is not [var name, var value]) continue;
            if (name == "Share" && value.Split(' ', 3) is [var requests, var failed, var server]) Servers[server] = (Number(requests), Number(failed));
            else if (name == "Failure" && value.Split(' ', 2) is [var count, var what]) Failures[what] = Number(count);
            else _values[name] = value;
        }
    }

    /// <summary>All of it, for messages of tests.</summary>
    public string Text { get; private set; }

    public string Run => _values["Run"];

    public long Requests => Number(_values["Requests"]);

    public long Failed => Number(_values["Failed"]);

    public long ConnectFailures => Number(_values["ConnectFailures"]);

    public long ResetOnReused => Number(_values["ResetOnReused"]);

    public long ResetOnFresh => Number(_values["ResetOnFresh"]);

    public long Timeouts => Number(_values["Timeouts"]);

    public long ServerErrors => Number(_values["ServerErrors"]);

    public long Wrong => Number(_values["Wrong"]);

    public TimeSpan LongestGap => TimeSpan.Parse(_values["LongestGap"], CultureInfo.InvariantCulture);

    public TimeSpan Percentile99 => TimeSpan.Parse(_values["Percentile99"], CultureInfo.InvariantCulture);

    public TimeSpan Maximum => TimeSpan.Parse(_values["Maximum"], CultureInfo.InvariantCulture);

    /// <summary>When the first of the requests that failed was due; <see langword="null"/> if none did.</summary>
    public DateTimeOffset? FirstFailure => _values["FirstFailure"].Length == 0 ? null : Moment("FirstFailure");

    /// <summary>When the last of them was due.</summary>
    public DateTimeOffset? LastFailure => _values["LastFailure"].Length == 0 ? null : Moment("LastFailure");

    /// <summary>From when the first request that failed was due to when the last was; zero if none failed.</summary>
    public TimeSpan FailingFor => LastFailure - FirstFailure ?? TimeSpan.Zero;

    /// <summary>Each server's answers and those of them that were not good.</summary>
    public Dictionary<string, (long Requests, long Failed)> Servers { get; } = [];

    /// <summary>Failures in words, with how often.</summary>
    public Dictionary<string, long> Failures { get; } = [];

    /// <summary>Requests that no server got; after counting alone.</summary>
    public long Lost { get; private set; }

    /// <summary>Requests that servers got more than once; after counting alone.</summary>
    public long Replayed { get; private set; }

    public LabLoadResult Counted(Dictionary<string, int> ids)
    {
        Lost = Requests - ids.Count;
        Replayed = ids.Values.LongCount(count => count > 1);
        Text = new StringBuilder(Text).Append(CultureInfo.InvariantCulture, $"on servers: {ids.Count} ids, {Replayed} more than once\n").ToString();
        return this;
    }

    public override string ToString() => Text;

    private DateTimeOffset Moment(string name) => new(Number(_values[name]), TimeSpan.Zero);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
