namespace ProdOps.Servers.Inventory.Data;

/// <summary>
/// Reads PowerShell's data language: one hashtable of hashtables, arrays, strings, numbers, <c>$true</c>, <c>$false</c> and <c>$null</c>, as
/// Import-PowerShellDataFile takes it. Nothing in it is ever run; what would have to be (variables, subexpressions, commands, casts, operators) is
/// refused with its line and column, constant or not.
/// </summary>
internal sealed partial class DataParser
{
    /// <summary>The engine's own limit is the stack; a file of people's making is a few levels deep.</summary>
    private const int MaximumDepth = 100;

    private const string ValueAdvice = "A value is a text in quotes, a number, $true, $false, $null, a list @(…) or a table @{…}.";

    private readonly SourceText _source;
    private readonly string _text;
    private readonly List<EnvironmentProblem> _problems;
    private int _at;
    private int _depth;

    private DataParser(SourceText source, List<EnvironmentProblem> problems)
    {
        _source = source;
        _text = source.Text;
        _problems = problems;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">The name of its file, for positions.</param>
    /// <param name="problems">Gets what is wrong.</param>
    /// <returns>What it says, or <see langword="null"/> if it cannot be read.</returns>
    public static DataTable? Parse(string text, string file, List<EnvironmentProblem> problems)
    {
        var source = new SourceText(text, file);
        try
        {
            return new DataParser(source, problems).ReadDocument();
        }
        catch (DataSyntaxException error)
        {
            problems.Add(EnvironmentProblems.Syntax(source.PositionOf(error.Offset), error.Message, error.Recommendation));
            return null;
        }
    }

    private char Current => Peek(0);

    private bool AtEnd => _at >= _text.Length;

    private DataTable ReadDocument()
    {
        SkipSeparators();
        if (!StartsWith("@{")) throw Error(AtEnd ? "The file holds nothing." : "The file must hold one table @{…} and nothing else.", "Begin the file with @{ and end it with }.");
        var table = ReadTable();
        SkipSeparators();
        return AtEnd ? table : throw Unexpected("after the closing brace");
    }

    private DataTable ReadTable()
    {
        int start = _at;
        Enter(length: 2);
        SkipNewlines();
        var entries = new List<DataEntry>();
        var names = new Dictionary<string, DataEntry>(StringComparer.OrdinalIgnoreCase);
        while (Current != '}')
        {
            if (AtEnd) throw Unclosed(start, "table @{", "}");
            var entry = ReadEntry(start);
            if (names.TryAdd(entry.Name, entry)) entries.Add(entry);
            else _problems.Add(EnvironmentProblems.DuplicateKey(entry.Position, entry.Name, names[entry.Name].Position));
            ReadSeparator('}', start, "table @{");
        }

        Leave();
        return new DataTable(_source.PositionOf(start), entries);
    }

    private DataEntry ReadEntry(int tableStart)
    {
        int start = _at;
        object key = ReadKey();
        SkipSpace();
        if (AtEnd) throw Unclosed(tableStart, "table @{", "}");
        if (Current != '=') throw Error($"There is no = after the key '{key}'.", "Write NAME = VALUE on one line. A key with other characters than letters, digits and _ needs quotes.");
        _at++;
        SkipNewlines();
        return new DataEntry(_source.PositionOf(start), key, ReadValue());
    }

    private object ReadKey()
    {
        char c = Current;
        if (IsSingleQuote(c) || IsDoubleQuote(c) || (c == '@' && (IsSingleQuote(Peek(1)) || IsDoubleQuote(Peek(1))))) return ReadString();
        if (StartsNumber()) return ReadNumber();
        int start = _at;
        if (IsNameStart(c))
        {
            while (IsNamePart(Current)) _at++;
            return _text[start.._at];
        }

        throw Unexpected("where a key should stand", "A key is a name of letters, digits and _, or a text in quotes.");
    }

    /// <summary>A value, or several with commas between them, which are a list.</summary>
    private DataNode ReadValue()
    {
        int start = _at;
        var first = ReadOne();
        SkipSpace();
        if (Current != ',') return first;
        var items = new List<DataNode> { first };
        while (Current == ',')
        {
            _at++;
            SkipNewlines();
            items.Add(ReadOne());
            SkipSpace();
        }

        return new DataList(_source.PositionOf(start), items);
    }

    private DataNode ReadOne()
    {
        int start = _at;
        var position = _source.PositionOf(start);
        char c = Current;
        if (c == ',')
        {
            // A comma before a value makes a list of one.
            Enter(length: 1);
            SkipNewlines();
            var item = ReadOne();
            _depth--;
            return new DataList(position, [item]);
        }

        DataNode node = c switch
        {
            '@' when Peek(1) == '{' => ReadTable(),
            '@' when Peek(1) == '(' => ReadList(),
            '@' when IsSingleQuote(Peek(1)) || IsDoubleQuote(Peek(1)) => new DataScalar(position, ReadString()),
            '(' => ReadParenthesis(),
            '$' => new DataScalar(position, ReadConstant()),
            _ when IsSingleQuote(c) || IsDoubleQuote(c) => new DataScalar(position, ReadString()),
            _ when StartsNumber() => new DataScalar(position, ReadNumber()),
            _ => throw NoValue(),
        };
        if (Current is '[' or '.' || StartsWith("::")) throw Executable("Taking a part of a value");
        return node;
    }

    private DataList ReadList()
    {
        int start = _at;
        Enter(length: 2);
        SkipSeparators();
        var items = new List<DataNode>();
        while (Current != ')')
        {
            if (AtEnd) throw Unclosed(start, "list @(", ")");
            // Each line is a pipeline of its own, and @( ) collects what they emit: a list there gives its items.
            var value = ReadValue();
            if (value is DataList list) items.AddRange(list.Items);
            else items.Add(value);
            ReadSeparator(')', start, "list @(");
        }

        Leave();
        return new DataList(_source.PositionOf(start), items);
    }

    private DataNode ReadParenthesis()
    {
        int start = _at;
        Enter(length: 1);
        SkipNewlines();
        var value = ReadValue();
        SkipNewlines();
        if (AtEnd) throw Unclosed(start, "parenthesis (", ")");
        if (Current != ')') throw Unexpected("in parentheses");
        Leave();
        return value;
    }

    /// <summary><c>$true</c>, <c>$false</c>, <c>$null</c>, also in braces: the variables whose values never change.</summary>
    private object? ReadConstant()
    {
        int start = _at++;
        bool braced = Current == '{';
        if (braced) _at++;
        int name = _at;
        while (IsNamePart(Current) || Current is ':' or '?') _at++;
        string text = _text[name.._at];
        bool closed = !braced || Current == '}';
        if (braced && closed) _at++;
        if (closed && text.Equals("true", StringComparison.OrdinalIgnoreCase)) return true;
        if (closed && text.Equals("false", StringComparison.OrdinalIgnoreCase)) return false;
        if (closed && text.Equals("null", StringComparison.OrdinalIgnoreCase)) return null;
        char after = _text.ElementAtOrDefault(start + 1);
        _at = start;
        throw Executable(after == '(' ? "A subexpression $(…)" : "A variable");
    }

    /// <summary>Between two values: a newline or a semicolon; before the closing bracket: nothing.</summary>
    private void ReadSeparator(char close, int start, string what)
    {
        SkipSpace();
        if (AtEnd) throw Unclosed(start, what, close.ToString());
        if (Current == close) return;
        if (Current != ';' && !IsNewline(Current)) throw Unexpected("after a value", "Put each entry on a line of its own, or a semicolon between two.");
        SkipSeparators();
    }

    private void Enter(int length)
    {
        if (++_depth > MaximumDepth) throw Error($"The file is nested more than {MaximumDepth} levels deep.", "Check whether a bracket is missing.");
        _at += length;
    }

    private void Leave()
    {
        _depth--;
        _at++;
    }
}
