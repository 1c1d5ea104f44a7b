using ProdOps.Servers.Files.Tar;
using ProdOps.Servers.FileSystem;

namespace ProdOps.Servers.Files;

/// <summary>Words with a space between, as a server's find or stat is told to print them. What is none is <c>ListingNotUnderstood</c>.</summary>
internal ref struct ListFields(ReadOnlySpan<byte> text, string server)
{
    private ReadOnlySpan<byte> _rest = text;
    private bool _isDone;

    public ReadOnlySpan<byte> Word()
    {
        int end = _rest.IndexOf((byte)' ');
        var word = end < 0 ? _rest : _rest[..end];
        if (_isDone || word.IsEmpty) throw ServersErrors.ListingNotUnderstood(server, "a number is missing");
        _isDone = end < 0;
        _rest = _isDone ? default : _rest[(end + 1)..];
        return word;
    }

    public FileType Type() => Word() is [var letter] ? FileTypes.FromLetter(letter) : throw ServersErrors.ListingNotUnderstood(server, "a type is no type");

    public ulong Number(uint radix = 10)
    {
        ulong value = 0;
        foreach (byte b in Word())
        {
            uint digit = b is >= (byte)'0' and <= (byte)'9' ? b - (uint)'0' : b is >= (byte)'a' and <= (byte)'f' ? b - (uint)'a' + 10 : radix;
            if (digit >= radix || value > (ulong.MaxValue - digit) / radix) throw ServersErrors.ListingNotUnderstood(server, "a number is no number");
            value = value * radix + digit;
        }
        return value;
    }

    public long Size() => (long)Math.Min(Number(), long.MaxValue);

    public uint Id() => Number() is var number && number <= uint.MaxValue ? (uint)number : throw ServersErrors.ListingNotUnderstood(server, "a user is no number");

    public UnixTime Time() => TimeText.TryParse(Word(), out var time, floored: true) ? time : throw ServersErrors.ListingNotUnderstood(server, "a time is no time");

    /// <summary>There is nothing more.</summary>
    public readonly void End()
    {
        if (!_isDone) throw ServersErrors.ListingNotUnderstood(server, "an item has too much in it");
    }
}
