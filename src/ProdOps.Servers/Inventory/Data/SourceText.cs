namespace ProdOps.Servers.Inventory.Data;

/// <summary>A text that knows its lines.</summary>
internal sealed class SourceText
{
    private readonly List<int> _lineStarts = [0];
    private readonly string _file;

    public SourceText(string text, string file)
    {
        Text = text.Length > 0 && text[0] == '\uFEFF' ? text[1..] : text;
        _file = file;
        for (int i = 0; i < Text.Length; i++)
        {
            if (Text[i] == '\n' || (Text[i] == '\r' && (i + 1 == Text.Length || Text[i + 1] != '\n'))) _lineStarts.Add(i + 1);
        }
    }

    public string Text { get; }

    public SourcePosition PositionOf(int offset)
    {
        int line = _lineStarts.BinarySearch(offset);
        if (line < 0) line = ~line - 1;
        return new SourcePosition(_file, line + 1, offset - _lineStarts[line] + 1);
    }
}
