using System.Globalization;
using System.Text;

namespace ProdOps.Monitoring.Checks.HAProxy;

/// <summary>
/// The table that HAProxy tells of itself, by <c>show stat</c> on its socket or by its page with <c>;csv</c> (HAProxy Management Guide, section 9.1): a line of names
/// behind <c># </c>, then a line for each frontend, backend and server. Which columns there are depends on the version.
/// </summary>
internal sealed class HAProxyTable
{
    private const int MostRows = 100_000, MostColumns = 1000;

    private readonly Dictionary<string, int> _columns;

    private HAProxyTable(Dictionary<string, int> columns, IReadOnlyList<HAProxyRow> rows) => (_columns, Rows) = (columns, rows);

    public IReadOnlyList<HAProxyRow> Rows { get; private init; }

    /// <summary>Reads it.</summary>
    /// <exception cref="ProdOpsException">It is no such table.</exception>
    public static HAProxyTable Parse(string text)
    {
        int position = 0;
        var names = ReadLine(text, ref position);
        while (names is [""] && position < text.Length) names = ReadLine(text, ref position);
        if (names.Count < 2 || names[0] is not ("# pxname" or "#pxname")) throw MonitoringErrors.HAProxyTableNotUnderstood(text);
        var columns = new Dictionary<string, int>(StringComparer.Ordinal) { ["pxname"] = 0 };
        for (int i = 1; i < names.Count; i++) columns.TryAdd(names[i], i);
        if (!columns.ContainsKey("svname") || !columns.ContainsKey("status") || !columns.ContainsKey("type")) throw MonitoringErrors.HAProxyTableNotUnderstood(text);
        var rows = new List<HAProxyRow>();
        var table = new HAProxyTable(columns, rows);
        while (position < text.Length && rows.Count < MostRows)
        {
            var fields = ReadLine(text, ref position);
            if (fields.Count > 1) rows.Add(new HAProxyRow(table, fields));
        }

        return table;
    }

    internal int? Column(string name) => _columns.TryGetValue(name, out int index) ? index : null;

    /// <summary>A line's fields. Those with commas, quotes or line ends in them stand in double quotes, and two of those are one (RFC 4180).</summary>
    private static List<string> ReadLine(string text, ref int position)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (; position < text.Length; position++)
        {
            char c = text[position];
            if (quoted)
            {
                if (c != '"') field.Append(c);
                else if (position + 1 < text.Length && text[position + 1] == '"') field.Append(text[position++]);
                else quoted = false;
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                Add();
            }
            else if (c == '\n')
            {
                position++;
                break;
            }
            else if (c != '\r')
            {
                field.Append(c);
            }
        }

        Add();
        return fields;

        void Add()
        {
            if (fields.Count < MostColumns) fields.Add(field.ToString());
            field.Clear();
        }
    }
}

/// <summary>A line of the table.</summary>
internal sealed class HAProxyRow(HAProxyTable table, IReadOnlyList<string> fields)
{
    /// <summary>The frontend or backend.</summary>
    public string Proxy => fields[0];

    /// <summary>The server; <c>FRONTEND</c> or <c>BACKEND</c> for the whole.</summary>
    public string Name => this["svname"];

    /// <summary>E.g. <c>UP</c>, <c>UP 1/3</c>, <c>DOWN</c>, <c>MAINT</c>, <c>no check</c>.</summary>
    public string Status => this["status"];

    public bool IsBackend => this["type"] == "1";

    public bool IsServer => this["type"] == "2";

    public string this[string column] => table.Column(column) is { } index && index < fields.Count ? fields[index] : "";

    public long? Number(string column) => long.TryParse(this[column], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
