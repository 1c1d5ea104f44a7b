using System.Globalization;
using System.Text;

namespace ProdOps.Servers.HAProxy;

/// <summary>How asking ended, as the helper on the server says.</summary>
/// <param name="IsCut">There was more than it may be.</param>
/// <param name="Error">The number of the system's error; 0 if there was none.</param>
/// <param name="Text">The error in words.</param>
internal readonly record struct HAProxyAnswerEnd(bool IsCut, int Error, string? Text)
{
    // What Linux and the BSDs agree upon.
    private const int NotPermitted = 1, Absent = 2, AccessDenied = 13;

    public bool IsGood => !IsCut && Error == 0;

    public bool IsAbsent => Error == Absent;

    public bool IsForbidden => Error is NotPermitted or AccessDenied;
}

/// <summary>Takes an answer out of what <see cref="HAProxySocket"/> prints: HAProxy's own text, then a line with a random mark and how it ended.</summary>
internal sealed class HAProxyAnswer(string mark)
{
    private const int MostEnd = 1024;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly string _mark = $"\n{mark} ";
    private string _held = "";
    private bool _marked;

    /// <summary>How it ended; <see langword="null"/> until it has.</summary>
    public HAProxyAnswerEnd? End { get; private set; }

    /// <summary>Reads the next piece.</summary>
    /// <returns>What HAProxy said in it; what may be the beginning of the mark is held back.</returns>
    public string Read(ReadOnlySpan<byte> piece)
    {
        char[] characters = new char[_decoder.GetCharCount(piece, flush: false)];
        int count = _decoder.GetChars(piece, characters, flush: false);
        string text = string.Concat(_held, characters.AsSpan(0, count));
        string said = "";
        if (!_marked)
        {
            int at = text.IndexOf(_mark, StringComparison.Ordinal);
            if (at < 0)
            {
                int kept = Math.Min(text.Length, _mark.Length - 1);
                _held = text[^kept..];
                return text[..^kept];
            }

            said = text[..at];
            text = text[(at + _mark.Length)..];
            _marked = true;
        }

        int end = text.IndexOf('\n');
        if (end >= 0 || text.Length > MostEnd) End = ReadEnd(text.AsSpan(0, end >= 0 ? end : MostEnd));
        _held = text;
        return said;
    }

    private static HAProxyAnswerEnd ReadEnd(ReadOnlySpan<char> text)
    {
        if (text is "ok") return default;
        if (text is "cut") return new HAProxyAnswerEnd(IsCut: true, 0, "");
        string[] words = text.ToString().Split(' ', 3);
        int number = words.Length > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int read) && read > 0 ? read : int.MaxValue;
        return new HAProxyAnswerEnd(IsCut: false, number, words.Length > 2 ? words[2] : "it cannot be asked");
    }
}
