using System.Diagnostics;
using System.Management.Automation;

namespace ProdOps.Lab.Tests;

/// <summary>
/// An admin at a prompt: a session of their own with the module in it, in a folder of their own with an <c>environment.psd1</c>
/// that knows some hosts. Nothing of the machine's own SSH configuration counts.
/// </summary>
internal sealed class Admin : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("prodops-lab-");
    private readonly Engine _engine = new();

    /// <summary>Knows the hosts by their names, and logs in as a user with the fleet's key.</summary>
    public Admin(string user, params LabHost[] hosts)
        : this($"User = '{user}'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'none'; ConnectTimeout = '10s'",
            Entries(hosts))
    {
    }

    /// <summary>Root on the hosts.</summary>
    public Admin(params LabHost[] hosts)
        : this("root", hosts)
    {
    }

    /// <summary>Has an environment with these options of SSH and these entries of servers.</summary>
    public Admin(string ssh, string servers)
    {
        File.WriteAllText(EnvironmentFile, $"@{{\n    Name    = 'lab'\n    Ssh     = @{{ {ssh} }}\n    Servers = @(\n        {servers}\n    )\n}}\n");
        // The engine alone has no Set-Location.
        _engine.Run($"$null = $ExecutionContext.SessionState.Path.SetLocation('{Folder}')");
    }

    /// <summary>Root on hosts, who asks them for a sign of life every second and takes two missing answers for the end.</summary>
    public static Admin Impatient(params LabHost[] hosts)
    {
        var admin = new Admin($"User = 'root'; IdentityFile = '{Fleet.Key}'; KnownHosts = '{Fleet.KnownHosts}'; ConfigFile = 'config'; ConnectTimeout = '4s'", Entries(hosts));
        File.WriteAllText(Path.Combine(admin.Folder, "config"), "Host *\n    ServerAliveInterval 1\n    ServerAliveCountMax 2\n");
        return admin;
    }

    /// <summary>The environment file.</summary>
    public string Environment => Path.Combine(Folder, "environment.psd1");

    /// <summary>The admin's current folder.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The file that knows the hosts, for a prodops of its own.</summary>
    public string EnvironmentFile => Path.Combine(Folder, "environment.psd1");

    /// <summary>A file in the admin's folder that only its owner can read.</summary>
    public string WriteSecret(string name, string secret)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, secret + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Runs a script to its end, errors and all.</summary>
    public Task<Answer> RunAsync(string script) => Start(script).EndAsync();

    /// <summary>Starts a script, for tests in which something happens meanwhile.</summary>
    public Running Start(string script) => new(_engine.Shell(script));

    public void Dispose()
    {
        _engine.Dispose();
        // Some names that are tested, .NET cannot say.
        using var remove = Process.Start("rm", ["-rf", Folder]);
        remove.WaitForExit();
    }

    private static string Entries(LabHost[] hosts) =>
        string.Join("\n        ", hosts.Select(host => $"@{{ Name = '{host.Name}'; Address = '{host.Address}'; Role = '{Role(host)}' }}"));

    private static string Role(LabHost host) => host.Name.StartsWith("web", StringComparison.Ordinal) ? "App" : "Other";

    /// <summary>A script that runs.</summary>
    internal sealed class Running
    {
        private readonly PowerShell _shell;
        private readonly PSDataCollection<PSObject> _output = [];
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly Task _end;

        public Running(PowerShell shell)
        {
            _shell = shell;
            _end = shell.InvokeAsync<PSObject, PSObject>(null, _output);
        }

        /// <summary>Waits for its end.</summary>
        /// <exception cref="TimeoutException">It goes on and on.</exception>
        public async Task<Answer> EndAsync()
        {
            ErrorRecord? terminating = null;
            try
            {
                await _end.WaitAsync(Limit);
            }
            catch (RuntimeException exception)
            {
                terminating = exception.ErrorRecord;
            }

            IEnumerable<ErrorRecord> errors = terminating is null ? _shell.Streams.Error : [.. _shell.Streams.Error, terminating];
            var streams = _shell.Streams;
            IEnumerable<object> all = [.. _output, .. errors, .. errors.Select(error => error.Exception), .. streams.Verbose, .. streams.Debug, .. streams.Warning, .. streams.Information, .. streams.Progress];
            var answer = new Answer([.. _output], [.. errors], Stopwatch.GetElapsedTime(_start)) { Said = string.Join('\n', all) };
            _shell.Dispose();
            return answer;
        }

        /// <summary>Ctrl+C. Returns how long it took to come to a stop.</summary>
        public async Task<TimeSpan> StopAsync()
        {
            var start = Stopwatch.GetTimestamp();
            await _shell.StopAsync(null, null).WaitAsync(Limit);
            return Stopwatch.GetElapsedTime(start);
        }
    }
}

/// <summary>What a script wrote, and how long it took.</summary>
internal sealed record Answer(IReadOnlyList<PSObject> Output, IReadOnlyList<ErrorRecord> Errors, TimeSpan Elapsed)
{
    /// <summary>All that it wrote, on every stream, exceptions' texts included.</summary>
    public string Said { get; init; } = "";

    /// <summary>The output of a script that wrote no error, as texts in order.</summary>
    public IEnumerable<string> Sorted => Clean.Select(item => item.ToString()).Order(StringComparer.Ordinal);

    /// <summary>The output of a script that wrote no error.</summary>
    public IReadOnlyList<PSObject> Clean => Errors is [var error, ..] ? throw new InvalidOperationException($"{error.FullyQualifiedErrorId}: {error}", error.Exception) : Output;

    /// <summary>The one object of a script that wrote no error, as text.</summary>
    public string Text => Assert.Single(Clean).ToString();

    /// <summary>The one error of a script.</summary>
    public ErrorRecord Error => Assert.Single(Errors);

    /// <summary>The error's id without the cmdlet's name.</summary>
    public string ErrorId => Error.FullyQualifiedErrorId.Split(',')[0];
}
