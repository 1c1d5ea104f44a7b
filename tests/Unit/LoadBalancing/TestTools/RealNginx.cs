using System.Net.Sockets;
using ProdOps.LoadBalancing.Nginx;
using ProdOps.Monitoring.Tests.TestTools;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Tests.TestTools;

namespace ProdOps.LoadBalancing.Tests.TestTools;

/// <summary>
/// A real nginx on loopback, with pools in a file of their own. Shells that are opened for it find an <c>nginx</c> that means this one, and programs before which something may be done: <see cref="Hook"/>.
/// </summary>
internal sealed class RealNginx : IDisposable
{
    private static readonly string[] Hooked = ["cp", "flock", "mv", "ps", "rm", "sync", "touch"];

    private readonly ProdOps.Backup.Tests.Storage.TemporaryFolder _folder;
    private readonly PrivateServer _server;

    private RealNginx(ProdOps.Backup.Tests.Storage.TemporaryFolder folder, PrivateServer server) => (_folder, _server) = (folder, server);

    /// <summary>The file with the pools.</summary>
    public string File => _folder["pools/pools.conf"];

    /// <summary>What is locked by whoever publishes.</summary>
    public string LockFile => _folder["lock"];

    public int Port => _server.Port;

    public int Master => int.Parse(System.IO.File.ReadAllText(_folder["nginx.pid"]), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What lies beside the file with the pools, and it.</summary>
    public IEnumerable<string> Beside => Directory.EnumerateFileSystemEntries(_folder["pools"]).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    /// <summary>A file that tests and hooks tell each other things by.</summary>
    public string Mark(string name) => _folder[name];

    public static async Task<RealNginx> StartAsync(string pools)
    {
        var folder = new ProdOps.Backup.Tests.Storage.TemporaryFolder();
        try
        {
            Directory.CreateDirectory(folder["pools"]);
            await System.IO.File.WriteAllTextAsync(folder["pools/pools.conf"], pools);
            var (name, value) = UnpackedTool.Nginx.Libraries;
            string libraries = value.Length > 0 ? $"{name}='{value}' " : "";
            Directory.CreateDirectory(folder["bin"]);
            await System.IO.File.WriteAllTextAsync(folder["hook"], "");
            await WriteAsync("nginx", $"{libraries}exec '{UnpackedTool.Nginx.Program}' -p '{folder.Path}' -c '{folder["nginx.conf"]}' \"$@\"");
            foreach (string program in Hooked) await WriteAsync(program, $"exec '{Tool.Find(program)}' \"$@\"");
            var server = await PrivateServer.StartAsync(UnpackedTool.Nginx.Program!, port =>
            {
                System.IO.File.WriteAllText(folder["nginx.conf"], $$"""
                    daemon off; worker_processes 1;
                    pid {{folder["nginx.pid"]}}; error_log {{folder["error.log"]}};
                    events { worker_connections 64; }
                    http {
                        access_log off;
                        client_body_temp_path {{folder["t1"]}}; proxy_temp_path {{folder["t2"]}}; fastcgi_temp_path {{folder["t3"]}}; uwsgi_temp_path {{folder["t4"]}}; scgi_temp_path {{folder["t5"]}};
                        include {{folder["pools"]}}/*;
                        server { listen 127.0.0.1:{{port}}; location / { return 204; } }
                    }
                    """);
                return ["-p", folder.Path, "-c", folder["nginx.conf"]];
            }, AnswersAsync, UnpackedTool.Nginx.Libraries);
            return new RealNginx(folder, server);
        }
        catch
        {
            folder.Dispose();
            throw;
        }

        async Task WriteAsync(string program, string command)
        {
            string path = Path.Join(folder["bin"], program);
            await System.IO.File.WriteAllTextAsync(path, $"#!/bin/sh\nself={program}\n. '{folder["hook"]}'\n{command}\n");
            Tool.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>
    /// Shell text that is done before each of the programs: <c>$who</c> is the shell's name, <c>$self</c> the program, <c>$main</c> the shell's process; <c>await FILE</c> waits for a mark.
    /// </summary>
    public void Hook(string text) => System.IO.File.WriteAllText(_folder["hook"], $$"""
        cd '{{_folder.Path}}'
        await() { i=0; until [ -e "$1" ] || [ $i -ge 400 ]; do sleep 0.05; i=$((i + 1)); done; }
        {{text}}

        """);

    /// <summary>Opens a shell of its machine.</summary>
    public IServerShell Shell(string who = "", int kill = 0) => new HookedShell(new LocalShell("lb1"), $"PATH='{_folder["bin"]}':$PATH; who={who}; main=$$; kill={kill}; export PATH who main kill");

    /// <summary>Opens it as a balancer.</summary>
    public NginxBalancer Open(string who = "", int kill = 0) => new(Shell(who, kill), new NginxBalancerOptions { ConfigurationPath = File, LockFile = LockFile }, TimeProvider.System);

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private sealed class HookedShell(IServerShell inner, string prelude) : IServerShell
    {
        public string Name => inner.Name;

        public Task<IServerProcess> StartAsync(ServerCommand command, CancellationToken cancellationToken) =>
            inner.StartAsync(command with { AsRoot = false, Text = $"{prelude}\n{command.Text}" }, cancellationToken);
    }
}
