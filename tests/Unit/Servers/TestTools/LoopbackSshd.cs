using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Servers.Tests.TestTools;

/// <summary>How a test's sshd is to be.</summary>
internal sealed record LoopbackSshdOptions
{
    /// <summary>Kinds of host keys: <c>ed25519</c>, <c>ecdsa-256</c>, <c>ecdsa-384</c>, <c>ecdsa-521</c>, <c>rsa</c>.</summary>
    public IReadOnlyList<string> HostKeys { get; init; } = ["ed25519"];

    /// <summary>Lines of sshd_config that go before those of the test; <c>{folder}</c> stands for the server's folder.</summary>
    public string Config { get; init; } = "";

    /// <summary>Called with the folder before sshd starts, e.g. to sign a host key.</summary>
    public Action<LoopbackSshd>? Prepare { get; init; }
}

/// <summary>
/// An sshd of its own on 127.0.0.1: own folder, own host keys, own authorized_keys, a free port. It lets the user in that runs
/// the test, and ends, with all its sessions, when it is disposed.
/// </summary>
internal sealed class LoopbackSshd : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly TaskCompletionSource<bool> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private LoopbackSshd()
    {
    }

    /// <summary>The folder that holds all of it; files put there are gone with the server.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("prodops-sshd-").FullName;

    public int Port { get; private set; }

    /// <summary>The user it lets in.</summary>
    public string User { get; } = Environment.UserName;

    /// <summary>Released once for each command that a session begins.</summary>
    public SemaphoreSlim Commands { get; } = new(0);

    /// <summary>What sshd said so far.</summary>
    public string Log => string.Join('\n', _log);

    public static async Task<LoopbackSshd> StartAsync(LoopbackSshdOptions? options = null)
    {
        options ??= new();
        var server = new LoopbackSshd();
        try
        {
            foreach (string kind in options.HostKeys) KeyFile.Create(server.HostKeyFile(kind), kind);
            File.WriteAllText(server.AuthorizedKeysFile, "");
            options.Prepare?.Invoke(server);
            // Between looking for a free port and listening somebody else may take it: then another one is tried.
            for (int attempt = 0; attempt < 5; attempt++)
            {
                if (await server.TryStartAsync(options)) return server;
            }

            throw new InvalidOperationException("sshd did not start:\n" + server.Log);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string AuthorizedKeysFile => Path.Combine(Folder, "authorized_keys");

    public string HostKeyFile(string kind) => Path.Combine(Folder, "host_" + kind);

    /// <summary>A host key's type and base64, as known_hosts has them.</summary>
    public string HostKey(string kind) => string.Join(' ', File.ReadAllText(HostKeyFile(kind) + ".pub").Split(' ').Take(2)).Trim();

    /// <summary>A line of known_hosts for this server.</summary>
    public string KnownHostsLine(string kind = "ed25519") => $"[127.0.0.1]:{Port} {HostKey(kind)}\n";

    /// <summary>A file of known hosts with this server's keys.</summary>
    public string WriteKnownHosts(params IEnumerable<string> kinds)
    {
        string path = Path.Combine(Folder, "known_hosts");
        File.WriteAllText(path, string.Concat(kinds.DefaultIfEmpty("ed25519").Select(KnownHostsLine)));
        return path;
    }

    /// <summary>Makes a key of a user and lets it in.</summary>
    /// <returns>The private key's path.</returns>
    public string CreateUserKey(string kind, string passphrase = "", bool authorize = true, string name = "")
    {
        string path = KeyFile.Create(Path.Combine(Folder, name.Length > 0 ? name : "user_" + kind), kind, passphrase);
        if (authorize) Authorize(path + ".pub");
        return path;
    }

    /// <summary>Lets a public key in.</summary>
    public void Authorize(string publicKeyFile, string options = "") =>
        File.AppendAllText(AuthorizedKeysFile, (options.Length > 0 ? options + " " : "") + File.ReadAllText(publicKeyFile));

    /// <summary>Kills the processes that serve connections, and tells how many; the server itself goes on.</summary>
    public int KillSessions()
    {
        int killed = 0;
        foreach (int child in Processes.ChildrenOf(_process!.Id))
        {
            try
            {
                using var session = Process.GetProcessById(child);
                session.Kill(entireProcessTree: true);
                killed++;
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException)
            {
                // It has ended by itself.
            }
        }

        return killed;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            _process.Dispose();
            _process = null;
        }

        Directory.Delete(Folder, recursive: true);
    }

    private async Task<bool> TryStartAsync(LoopbackSshdOptions options)
    {
        Port = FreePort();
        string config = Path.Combine(Folder, "sshd_config");
        File.WriteAllText(config, $"""
            {options.Config.Replace("{folder}", Folder)}
            Port {Port}
            ListenAddress 127.0.0.1
            {string.Join('\n', options.HostKeys.Select(kind => "HostKey " + HostKeyFile(kind)))}
            PidFile none
            AuthorizedKeysFile {AuthorizedKeysFile}
            StrictModes no
            UsePAM no
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 500
            MaxSessions 500
            LogLevel VERBOSE
            Subsystem sftp internal-sftp

            """);
        if (Environment.UserName == "root") Directory.CreateDirectory("/run/sshd");
        var start = new ProcessStartInfo(Tool.Find("sshd")!) { RedirectStandardError = true, RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (string argument in (string[])["-D", "-e", "-f", config]) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginErrorReadLine();
        _process = process;
        var first = await Task.WhenAny(_listening.Task, process.WaitForExitAsync()).WaitAsync(TimeSpan.FromSeconds(30));
        if (first == _listening.Task) return true;
        process.Dispose();
        _process = null;
        return false;
    }

    private void Take(string? line)
    {
        if (line is null) return;
        _log.Enqueue(line);
        if (line.Contains("Server listening on", StringComparison.Ordinal)) _listening.TrySetResult(true);
        if (line.Contains("Starting session: command", StringComparison.Ordinal)) Commands.Release();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
