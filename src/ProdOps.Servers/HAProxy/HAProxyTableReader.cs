using System.Text;

namespace ProdOps.Servers.HAProxy;

/// <summary>
/// Reads HAProxy's table as it comes (HAProxy Management Guide, section 9.1): a line of names behind <c># </c>, then a line for each frontend, backend and server. Which
/// columns there are depends on the version. Fields with commas, quotes or line ends in them stand in double quotes, and two of those are one (RFC 4180).
/// </summary>
internal sealed class HAProxyTableReader
{
    private const int MostColumns = 1000, MostField = 64 * 1024;

    private readonly StringBuilder _field = new();
    private List<string> _fields = [];
    private Dictionary<string, int>? _columns;
    private bool _quoted, _wasQuoted, _quoteSeen;

    /// <summary>Reads the next piece.</summary>
    /// <returns>The rows that it completes. All of them have to be taken before the next piece.</returns>
    /// <exception cref="ProdOpsException">It is no such table.</exception>
    public IEnumerable<HAProxyRow> Read(string piece)
    {
        foreach (char c in piece)
            if (Take(c) && EndLine() is { } row) yield return row;
    }

    /// <summary>Nothing more comes.</summary>
    /// <returns>The row that had no line end, if there is one.</returns>
    /// <exception cref="ProdOpsException">No table came.</exception>
    public IEnumerable<HAProxyRow> End()
    {
        var row = EndLine();
        if (_columns is null) throw ServersErrors.HAProxyTableNotUnderstood("");
        if (row is not null) yield return row;
    }

    /// <returns>Whether the line is complete.</returns>
    private bool Take(char c)
    {
        if (_quoteSeen)
        {
            // A quote within quotes: two of them are one, and a single one is the end.
            _quoteSeen = false;
            if (c == '"')
            {
                Append(c);
                return false;
            }

            _quoted = false;
        }

        switch (c)
        {
            case '"' when _quoted:
                _quoteSeen = true;
                break;
            case '"' when _field.Length == 0 && !_wasQuoted:
                _quoted = _wasQuoted = true;
                break;
            case ',' when !_quoted:
                EndField();
                break;
            case '\n' when !_quoted:
                return true;
            case '\r' when !_quoted:
                break;
            default:
                Append(c);
                break;
        }

        return false;
    }

    private void Append(char c)
    {
        if (_field.Length < MostField) _field.Append(c);
    }

    private void EndField()
    {
        if (_fields.Count < MostColumns) _fields.Add(_field.ToString());
        _field.Clear();
        _wasQuoted = false;
    }

    private HAProxyRow? EndLine()
    {
        EndField();
        var fields = _fields;
        _fields = new List<string>(fields.Count);
        _quoted = _quoteSeen = false;
        if (fields is [""]) return null;
        if (_columns is not null) return fields.Count > 1 ? new HAProxyRow(_columns, fields) : null;
        if (fields[0] is not ("# pxname" or "#pxname")) throw ServersErrors.HAProxyTableNotUnderstood(string.Join(',', fields));
        var columns = new Dictionary<string, int>(StringComparer.Ordinal) { ["pxname"] = 0 };
        for (int i = 1; i < fields.Count; i++) columns.TryAdd(fields[i], i);
        if (!columns.ContainsKey("svname") || !columns.ContainsKey("status") || !columns.ContainsKey("type")) throw ServersErrors.HAProxyTableNotUnderstood(string.Join(',', fields));
        _columns = columns;
        return null;
    }
}
