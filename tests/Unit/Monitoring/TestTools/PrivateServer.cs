using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ProdOps.Monitoring.Tests.TestTools;

/// <summary>A server program of the system in the foreground, for one test, on a port that was free a moment ago.</summary>
internal sealed class PrivateServer : IDisposable
{
    private readonly Process _process;

    private PrivateServer(Process process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Starts it and waits until it answers. Somebody else may have taken the port meanwhile: then another is tried.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments for a port.</param>
    /// <param name="answers">Whether it answers.</param>
    /// <param name="environment">More for its environment.</param>
    public static async Task<PrivateServer> StartAsync(string program, Func<int, IEnumerable<string>> arguments, Func<int, Task<bool>> answers, params (string Name, string Value)[] environment)
    {
        string said = "";
        for (int attempt = 0; attempt < 5; attempt++)
        {
            int port = FreePort();
            var start = new ProcessStartInfo(program, arguments(port)) { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (var (name, value) in environment) start.Environment[name] = value;
            var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            while (!process.HasExited)
            {
                if (await answers(port)) return new PrivateServer(process, port);
                await Task.Delay(10);
            }

            said = await error;
            process.Dispose();
        }

        throw new InvalidOperationException($"{program} does not start: {said}");
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>A port of TCP and UDP that is free at this moment.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            datagrams.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            int port = ((IPEndPoint)datagrams.LocalEndPoint!).Port;
            using var streams = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                streams.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's connection has it.
            }
        }
    }
}
