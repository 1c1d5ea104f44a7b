using System.Text;

namespace ProdOps.HelpCompiler;

/// <summary>Lays out plain text for a console of a given width.</summary>
internal sealed class TextLayout(string file, int width, HelpErrors errors)
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    public void Blank() => _text.Append('\n');

    public void Heading(string text, int indent) => Line(new string(' ', indent) + text);

    public void Paragraph(string text, int indent, string marker = "")
    {
        string first = new string(' ', indent) + (marker.Length == 0 ? "" : marker + " ");
        string rest = new(' ', first.Length);
        foreach (string part in text.Split('\n'))
        {
            foreach (string line in Wrap(part, width - first.Length))
            {
                Line(first + line);
                first = rest;
            }
        }
    }

    public void Write(IReadOnlyList<TextBlock> blocks, int indent)
    {
        for (int i = 0; i < blocks.Count; i++)
        {
            var block = blocks[i];
            if (i > 0 && !(block.Kind == TextKind.Item && blocks[i - 1].Kind == TextKind.Item)) Blank();
            Write(block, indent + block.Depth * 2);
        }
    }

    private void Write(TextBlock block, int indent)
    {
        switch (block.Kind)
        {
            case TextKind.Heading: Heading(block.Text, indent - 2); break;
            case TextKind.Item: Paragraph(block.Text, indent, block.Marker); break;
            case TextKind.Code: Code(block, indent); break;
            case TextKind.Table: Table(block, indent); break;
            default: Paragraph(block.Text, indent); break;
        }
    }

    private void Code(TextBlock block, int indent)
    {
        string[] lines = block.Text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (indent + 2 + lines[i].Length > width) errors.Add(file, block.Line + 1 + i, $"This line of code is longer than {width - indent - 2} characters.");
            Line(lines[i].Length == 0 ? "" : new string(' ', indent + 2) + lines[i]);
        }
    }

    /// <summary>Columns as wide as their widest cell; the last one wraps.</summary>
    private void Table(TextBlock block, int indent)
    {
        int columns = block.Rows.Max(row => row.Count);
        var widths = Enumerable.Range(0, columns).Select(c => block.Rows.Max(row => c < row.Count ? row[c].Length : 0)).ToArray();
        int lead = indent + widths[..^1].Sum(w => w + 2);
        int lastWidth = width - lead;
        if (lastWidth < 20)
        {
            errors.Add(file, block.Line, $"The table's last column has {lastWidth} of {width} characters left; it needs 20.");
            return;
        }

        for (int r = 0; r < block.Rows.Count; r++)
        {
            TableRow(block.Rows[r], widths, indent, lead);
            if (r == 0) TableRow([.. widths.Select((w, c) => new string('-', Math.Min(w, c == columns - 1 ? lastWidth : w)))], widths, indent, lead);
        }
    }

    private void TableRow(IReadOnlyList<string> cells, int[] widths, int indent, int lead)
    {
        var line = new StringBuilder(new string(' ', indent));
        for (int c = 0; c < widths.Length - 1; c++) line.Append((c < cells.Count ? cells[c] : "").PadRight(widths[c] + 2));
        foreach (string part in Wrap(cells.Count == widths.Length ? cells[^1] : "", width - lead))
        {
            Line(line + part);
            line.Clear().Append(' ', lead);
        }
    }

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = new StringBuilder();
        foreach (string word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            if (line.Length > 0) line.Append(' ');
            line.Append(word);
        }

        yield return line.ToString();
    }

    private void Line(string text) => _text.Append(text.TrimEnd()).Append('\n');
}
