using System.Text;

namespace ProdOps.Servers.HAProxy;

/// <summary>
/// Reads HAProxy's table as it comes (HAProxy Management Guide, section 9.1): a line of names behind <c># </c>, then a line for each frontend, backend and server. Which
/// columns there are depends on the version. Fields with commas, quotes or line ends in them stand in double quotes, and two of those are one (RFC 4180).
/// </summary>
internal sealed class HAProxyTableReader
{
    private const int MostColumns = 1000, MostLine = 256 * 1024;

    // The beginning of a line whose end has not come.
    private readonly StringBuilder _begun = new();
    private Dictionary<string, int>? _columns;
    private bool _inQuotes;

    /// <summary>Reads the next piece.</summary>
    /// <returns>The rows that it completes. All of them have to be taken before the next piece.</returns>
    /// <exception cref="ProdOpsException">It is no such table.</exception>
    public IEnumerable<HAProxyRow> Read(string piece)
    {
        for (int start = 0; start < piece.Length;)
        {
            int end = piece.IndexOf('\n', start);
            int stop = end < 0 ? piece.Length : end;
            // A line end between quotes belongs to the field, unless the line has become longer than any is.
            if (piece.AsSpan(start, stop - start).Count('"') % 2 != 0) _inQuotes = !_inQuotes;
            bool isWhole = end >= 0 && (!_inQuotes || _begun.Length >= MostLine);
            if (isWhole && _begun.Length == 0)
            {
                if (ReadLine(piece[start..stop]) is { } row) yield return row;
            }
            else
            {
                _begun.Append(piece, start, Math.Min(stop - start, Math.Max(0, MostLine - _begun.Length)));
                if (isWhole && TakeBegun() is { } row) yield return row;
                else if (!isWhole && end >= 0) _begun.Append('\n');
            }

            start = stop + 1;
        }
    }

    /// <summary>Nothing more comes.</summary>
    /// <returns>The row that had no line end, if there is one.</returns>
    /// <exception cref="ProdOpsException">No table came.</exception>
    public IEnumerable<HAProxyRow> End()
    {
        var row = TakeBegun();
        if (_columns is null) throw ServersErrors.HAProxyTableNotUnderstood("");
        if (row is not null) yield return row;
    }

    private HAProxyRow? TakeBegun()
    {
        string line = _begun.ToString();
        _begun.Clear();
        _inQuotes = false;
        return ReadLine(line);
    }

    private HAProxyRow? ReadLine(string line)
    {
        line = line.TrimEnd('\r');
        if (line.Length == 0) return null;
        var fields = line.Contains('"') ? Unquote(line) : Cut(line);
        if (_columns is { } columns) return fields.Count > 1 ? new HAProxyRow(columns, fields) : null;
        if (fields[0] is not ("# pxname" or "#pxname")) throw ServersErrors.HAProxyTableNotUnderstood(line);
        var read = new Dictionary<string, int>(StringComparer.Ordinal) { ["pxname"] = 0 };
        for (int i = 1; i < fields.Count; i++) read.TryAdd(fields[i].ToString(), i);
        if (!read.ContainsKey("svname") || !read.ContainsKey("status") || !read.ContainsKey("type")) throw ServersErrors.HAProxyTableNotUnderstood(line);
        _columns = read;
        return null;
    }

    private HAProxyFields Cut(string line)
    {
        var starts = new List<int>(_columns?.Count + 2 ?? 160) { 0 };
        for (int at = line.IndexOf(','); at >= 0 && starts.Count < MostColumns; at = line.IndexOf(',', at + 1)) starts.Add(at + 1);
        starts.Add(line.Length + 1);
        return new HAProxyFields(line, starts);
    }

    private static HAProxyFields Unquote(string line)
    {
        var text = new StringBuilder(line.Length);
        var starts = new List<int> { 0 };
        bool quoted = false, wasQuoted = false;
        for (int i = 0; i < line.Length && starts.Count <= MostColumns; i++)
        {
            char c = line[i];
            if (quoted && c == '"' && i + 1 < line.Length && line[i + 1] == '"') text.Append(line[i++]);
            else if (quoted && c == '"') quoted = false;
            else if (!quoted && c == '"' && !wasQuoted && text.Length == starts[^1]) quoted = wasQuoted = true;
            else
            {
                text.Append(c);
                if (c != ',' || quoted) continue;
                starts.Add(text.Length);
                wasQuoted = false;
            }
        }

        starts.Add(text.Length + 1);
        return new HAProxyFields(text.ToString(), starts);
    }
}

/// <summary>The fields of a line: there are over a hundred, of which a few are asked for.</summary>
/// <param name="text">All of them, with one character between each.</param>
/// <param name="starts">Where each begins, and where one more would.</param>
internal readonly struct HAProxyFields(string text, List<int> starts)
{
    public int Count => starts.Count - 1;

    public ReadOnlySpan<char> this[int index] => text.AsSpan(starts[index]..(starts[index + 1] - 1));
}
