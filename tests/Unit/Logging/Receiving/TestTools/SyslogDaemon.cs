using System.Diagnostics;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.Logging.Tests.Receiving.TestTools;

/// <summary>A test that rsyslog sends to, with some of its modules.</summary>
internal sealed class RsyslogFactAttribute : FactAttribute
{
    private static readonly string? Modules = new[] { "/usr/lib/rsyslog", "/usr/lib64/rsyslog" }
        .Concat(Directory.Exists("/usr/lib") ? Directory.GetDirectories("/usr/lib", "*-linux-*").Select(folder => Path.Join(folder, "rsyslog")) : []).FirstOrDefault(folder => File.Exists(Path.Join(folder, "imuxsock.so")));

    public RsyslogFactAttribute(params string[] modules) =>
        Skip = Requirements.Linux ?? Requirements.Missing(["rsyslogd", .. modules.Select(module => Path.Join(Modules ?? "/usr/lib/rsyslog", $"{module}.so"))]);
}

/// <summary>A test that syslog-ng sends to.</summary>
internal sealed class SyslogNgFactAttribute : FactAttribute
{
    public SyslogNgFactAttribute() => Skip = Requirements.Linux ?? (SyslogDaemon.SyslogNgRoot is null ? "needs syslog-ng in artifacts/tools (tests/run.sh unpacks it)" : null);
}

/// <summary>A real rsyslogd or syslog-ng, in a folder of its own, that sends what is written to a file.</summary>
internal sealed class SyslogDaemon : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;

    private SyslogDaemon(string program, string[] arguments, string folder, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        _process = Process.Start(start)!;
        var error = _process.StandardError.ReadToEndAsync();
        _output = Task.Run(async () => await _process.StandardOutput.ReadToEndAsync() + await error);
    }

    /// <summary>The folder of syslog-ng, or <see langword="null"/> if it is not there: as a package it cannot be beside rsyslog, so the test run unpacks it.</summary>
    public static string? SyslogNgRoot { get; } = File.Exists(Path.Join(Built.Root, "artifacts/tools/syslog-ng/usr/sbin/syslog-ng")) ? Path.Join(Built.Root, "artifacts/tools/syslog-ng") : null;

    /// <summary>Starts rsyslogd, which reads <c>in.log</c> of the folder.</summary>
    /// <param name="folder">Where it keeps everything.</param>
    /// <param name="rules">Its modules and the actions for what it reads.</param>
    /// <param name="globals">More global parameters.</param>
    public static SyslogDaemon Rsyslog(string folder, string rules, string globals = "")
    {
        string configuration = Path.Join(folder, "rsyslog.conf");
        // It may overlook a file that is made while it starts.
        File.WriteAllText(Path.Join(folder, "in.log"), "");
        File.WriteAllText(configuration, $$"""
            global(workDirectory="{{folder}}" localHostname="web1" maxMessageSize="64k" {{globals}})
            module(load="imfile" mode="inotify")
            input(type="imfile" file="{{folder}}/in.log" tag="shop:" severity="info" facility="local7" ruleset="out" persistStateInterval="1000")
            {{rules}}
            """);
        return new SyslogDaemon(Tool.Find("rsyslogd")!, ["-n", "-f", configuration, "-iNONE"], folder, []);
    }

    /// <summary>Starts syslog-ng, which reads <c>in.log</c> of the folder.</summary>
    /// <param name="folder">Where it keeps everything.</param>
    /// <param name="destinations">Its destinations.</param>
    /// <param name="names">Those to send to.</param>
    public static SyslogDaemon SyslogNg(string folder, string destinations, params string[] names)
    {
        string configuration = Path.Join(folder, "syslog-ng.conf");
        File.WriteAllText(configuration, $$"""
            @version: 3.38
            options { keep-hostname(yes); time-reopen(1); stats-freq(0); };
            source s { file("{{folder}}/in.log" follow-freq(0.1) program-override("shop") host-override("web1") flags(no-parse)); };
            {{destinations}}
            log { source(s); {{string.Concat(names.Select(name => $"destination({name}); "))}} };
            """);
        string root = SyslogNgRoot ?? "";
        string libraries = string.Join(':', [Path.Join(root, "usr/lib/syslog-ng"), .. Directory.GetDirectories(Path.Join(root, "usr/lib"), "*-linux-*")]);
        string modules = Directory.GetDirectories(Path.Join(root, "usr/lib/syslog-ng")).Single();
        return new SyslogDaemon(
            Path.Join(root, "usr/sbin/syslog-ng"),
            ["-F", "--no-caps", "--stderr", "-f", configuration, "-R", Path.Join(folder, "persist"), "-c", Path.Join(folder, "control"), "-p", Path.Join(folder, "pid"), $"--module-path={modules}"],
            folder, [("LD_LIBRARY_PATH", libraries)]);
    }

    /// <summary>What it has said; it must have ended.</summary>
    public string Output => _output.GetAwaiter().GetResult();

    /// <summary>Waits until something is so, and says what the daemon said if it is not.</summary>
    public async Task UntilAsync(Func<bool> condition, Func<string> state, double seconds = 20)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (!condition())
        {
            if (limit.IsCancellationRequested || _process.HasExited)
            {
                Stop();
                Assert.Fail($"{state()}. The daemon{(limit.IsCancellationRequested ? "" : " has ended and")} said: {Output}");
            }

            await Task.Delay(20, CancellationToken.None);
        }
    }

    /// <summary>Ends it as the system ends it.</summary>
    public void Stop()
    {
        if (_process.HasExited) return;
        Tool.Run("kill", "-TERM", _process.Id.ToString(null as IFormatProvider));
        if (!_process.WaitForExit(10_000)) _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
