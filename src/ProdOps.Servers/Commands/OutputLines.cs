using System.Runtime.CompilerServices;
using System.Text;

namespace ProdOps.Servers.Commands;

/// <summary>Cuts a stream into lines of UTF-8 text as they come.</summary>
internal static class OutputLines
{
    /// <summary>A longer line is handed on in pieces of this many characters.</summary>
    public const int MaximumLength = 1024 * 1024;

    /// <summary>The lines, without their ends. What is left at the end of the stream is a line too.</summary>
    /// <param name="stream">The text, in pieces however they are cut.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="maximumLength">The length of the pieces of a longer line, in characters.</param>
    public static async IAsyncEnumerable<string> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken, int maximumLength = MaximumLength)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = new byte[16 * 1024];
        char[] characters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var line = new StringBuilder();
        // Whether the last piece was cut off: the end of its line, right behind it, is no empty line.
        bool cut = false;
        int length;
        do
        {
            length = await stream.ReadAsync(bytes, cancellationToken).ConfigureAwait(false);
            int count = decoder.GetChars(bytes.AsSpan(0, length), characters, flush: length == 0);
            for (int start = 0; start < count;)
            {
                int end = Array.IndexOf(characters, '\n', start, count - start);
                int stop = Math.Min(end < 0 ? count : end, start + maximumLength - line.Length);
                line.Append(characters, start, stop - start);
                bool complete = stop == end;
                start = complete ? stop + 1 : stop;
                if (!complete && line.Length < maximumLength) continue;
                bool isEnd = complete && cut && line.Length == 0;
                cut = !complete;
                if (isEnd) continue;
                yield return line.ToString();
                line.Clear();
            }
        }
        while (length > 0);
        if (line.Length > 0) yield return line.ToString();
    }
}
