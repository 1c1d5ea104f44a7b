using System.Net.Sockets;
using System.Text;

namespace ProdOps.Servers.Schedules;

/// <summary>Tells systemd that a service is ready, or ends (sd_notify(3)). Where no systemd waits for that it does nothing.</summary>
internal static class ServiceNotifier
{
    public const string Variable = "NOTIFY_SOCKET";

    public static void Ready(string status) => Send($"READY=1\nSTATUS={status.ReplaceLineEndings(" ")}");

    public static void Stopping() => Send("STOPPING=1");

    private static void Send(string state)
    {
        if (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable(Variable) is not { Length: > 1 } path) return;
        // A name that begins with @ is in no file system.
        if (path[0] == '@') path = '\0' + path[1..];
        else if (path[0] != '/') return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // systemd finds out by its own time-out.
        }
    }
}
