using System.Buffers.Binary;
using System.Text;
using Renci.SshNet.Messages.Connection;

namespace ProdOps.Servers.Connections.Channels;

/// <summary>Opens a session (RFC 4254, 6.1).</summary>
internal sealed class SessionOpenInfo : ChannelOpenInfo
{
    public override string ChannelType => "session";
}

/// <summary>Opens a TCP connection from the server onwards (RFC 4254, 7.2).</summary>
internal sealed class DirectOpenInfo(string host, int port) : ChannelOpenInfo
{
    public override string ChannelType => "direct-tcpip";

    protected override void SaveData()
    {
        base.SaveData();
        Write(host, Encoding.UTF8);
        Write((uint)port);
        // Where the connection came from: nowhere that concerns the server.
        Write("127.0.0.1", Encoding.UTF8);
        Write(0u);
    }
}

/// <summary>Runs a command (RFC 4254, 6.5).</summary>
internal sealed class ExecRequest : RequestInfo
{
    private readonly byte[] _command;

    public ExecRequest(string command)
    {
        _command = Encoding.UTF8.GetBytes(command);
        WantReply = true;
    }

    public override string RequestName => "exec";

    protected override int BufferCapacity => base.BufferCapacity + 4 + _command.Length;

    protected override void SaveData()
    {
        base.SaveData();
        WriteBinaryString(_command);
    }
}

/// <summary>Starts a subsystem (RFC 4254, 6.5).</summary>
internal sealed class SubsystemRequest : RequestInfo
{
    private readonly byte[] _name;

    public SubsystemRequest(string name)
    {
        _name = Encoding.ASCII.GetBytes(name);
        WantReply = true;
    }

    public override string RequestName => "subsystem";

    protected override int BufferCapacity => base.BufferCapacity + 4 + _name.Length;

    protected override void SaveData()
    {
        base.SaveData();
        WriteBinaryString(_name);
    }
}

/// <summary>Signals a command (RFC 4254, 6.9).</summary>
internal sealed class SignalRequest(string signal) : RequestInfo
{
    public override string RequestName => "signal";

    protected override void SaveData()
    {
        base.SaveData();
        Write(signal, Encoding.ASCII);
    }
}

/// <summary>Asks for a sign of life: OpenSSH's and everybody's answer to an unknown request is a refusal, which is one.</summary>
internal sealed class KeepAliveRequest : GlobalRequestMessage
{
    private static readonly byte[] Name = "keepalive@openssh.com"u8.ToArray();

    // The base's own name is set by a constructor that is not for us.
    protected override int BufferCapacity => 1 + 4 + Name.Length + 1;

    protected override void SaveData()
    {
        WriteBinaryString(Name);
        Write(true);
    }
}

/// <summary>What a server says about how a command ended (RFC 4254, 6.10).</summary>
internal static class ExitMessages
{
    private const int MaximumNameLength = 64;

    /// <summary>Reads <c>exit-status</c>: a flag and a number.</summary>
    public static int? ReadStatus(ReadOnlySpan<byte> data) => data.Length >= 5 ? (int)BinaryPrimitives.ReadUInt32BigEndian(data[1..]) : null;

    /// <summary>Reads the name in <c>exit-signal</c>: a flag and a string, then what nobody needs.</summary>
    public static string? ReadSignal(ReadOnlySpan<byte> data)
    {
        if (data.Length < 5) return null;
        uint length = BinaryPrimitives.ReadUInt32BigEndian(data[1..]);
        if (length is 0 or > MaximumNameLength || length > data.Length - 5) return null;
        var name = data.Slice(5, (int)length);
        return name.ContainsAnyExceptInRange((byte)'!', (byte)'~') ? null : Encoding.ASCII.GetString(name);
    }
}
