using System.Buffers.Text;

namespace ProdOps.Logging.Receiving.Protocol;

/// <summary>
/// The server's side of a RELP session. A message is answered when it is stored and not before; a message that cannot be stored is never answered, because
/// librelp drops what it gets any answer to, a refusal too: the connection ends instead, and the sender sends it again.
/// </summary>
internal struct RelpSession
{
    private bool _isOpen;

    /// <summary>The longest answer there is, in bytes.</summary>
    public const int MaximumAnswerLength = 160;

    /// <summary>What to tell a sender before the connection is ended.</summary>
    public static ReadOnlySpan<byte> ServerClose => "0 serverclose 0\n"u8;

    private static ReadOnlySpan<byte> Offers => "200 OK\nrelp_version=0\nrelp_software=prodops\ncommands=syslog"u8;

    /// <summary>What has to be done about a frame.</summary>
    public RelpStep Next(in RelpFrame frame)
    {
        switch (frame.Command)
        {
            case RelpCommand.Open when !_isOpen:
                // A sender that does not offer syslog has nothing for us.
                if (!Offered(frame.Data, "commands="u8, "syslog"u8)) return RelpStep.Refuse;
                _isOpen = true;
                return RelpStep.Accept;
            case RelpCommand.Syslog when _isOpen:
                return RelpStep.Store;
            case RelpCommand.Close when _isOpen:
                return RelpStep.Close;
            // Hints, which carry the number 0, need no answer (nor does an answer to nothing).
            case RelpCommand.Response or RelpCommand.Unknown when frame.Number == 0:
                return RelpStep.Ignore;
            default:
                return RelpStep.Refuse;
        }
    }

    /// <summary>The answer to <c>open</c>.</summary>
    public static int WriteAcceptance(int number, Span<byte> answer) => WriteResponse(number, Offers, answer);

    /// <summary>The answer to a message that is stored.</summary>
    public static int WriteStored(int number, Span<byte> answer) => WriteResponse(number, "200 OK"u8, answer);

    /// <summary>The answer to <c>close</c>.</summary>
    public static int WriteClosed(int number, Span<byte> answer) => WriteResponse(number, default, answer);

    /// <summary>The answer to what cannot be done.</summary>
    public static int WriteRefusal(int number, Span<byte> answer) => WriteResponse(number, "500 not possible here"u8, answer);

    private static int WriteResponse(int number, ReadOnlySpan<byte> data, Span<byte> answer)
    {
        Utf8Formatter.TryFormat(number, answer, out int length);
        " rsp "u8.CopyTo(answer[length..]);
        length += 5;
        Utf8Formatter.TryFormat(data.Length, answer[length..], out int written);
        length += written;
        if (!data.IsEmpty)
        {
            answer[length++] = (byte)' ';
            data.CopyTo(answer[length..]);
            length += data.Length;
        }

        answer[length++] = (byte)'\n';
        return length;
    }

    /// <summary>Whether a line of <c>name=value,value</c> has the value.</summary>
    private static bool Offered(ReadOnlySpan<byte> offers, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        foreach (var line in offers.Split((byte)'\n'))
        {
            if (!offers[line].StartsWith(name)) continue;
            var values = offers[line][name.Length..];
            foreach (var part in values.Split((byte)','))
            {
                if (values[part].TrimEnd((byte)' ').SequenceEqual(value)) return true;
            }
        }

        return false;
    }
}

/// <summary>What a frame makes the server do.</summary>
internal enum RelpStep
{
    Ignore,

    /// <summary>Answer that the session is open.</summary>
    Accept,

    /// <summary>Store the message, then answer.</summary>
    Store,

    /// <summary>Answer when all before it is stored, and end.</summary>
    Close,

    /// <summary>Answer that it is not possible, and end.</summary>
    Refuse,
}
