using System.Text;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ProdOps.HelpCompiler;

internal enum TextKind
{
    Paragraph,
    Item,
    Code,
    Heading,
    Table,
}

/// <summary>
/// A piece of Markdown as plain text: what both a console and MAML can show. Each writer lays it out in its own way.
/// </summary>
/// <param name="Depth">How deep an item's list is nested, from 0.</param>
/// <param name="Marker">An item's bullet or number, <c>-</c> or <c>1.</c>; a heading's level as <c>2</c> or <c>3</c>.</param>
internal sealed record TextBlock(TextKind Kind, string Text, int Line, int Depth = 0, string Marker = "")
{
    /// <summary>A table's rows, the headings first.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows { get; init; } = [];
}

/// <summary>Turns parsed Markdown into plain text, and checks links on the way.</summary>
internal sealed class TextReader(string file, HelpErrors errors)
{
    public List<TextBlock> Read(IEnumerable<Block> blocks)
    {
        var result = new List<TextBlock>();
        foreach (var block in blocks) Read(block, 0, result);
        return result;
    }

    public string ReadInline(LeafBlock block)
    {
        var text = new StringBuilder();
        if (block.Inline is not null) Append(text, block.Inline, block.Line + 1);
        return text.ToString().Trim();
    }

    private void Read(Block block, int depth, List<TextBlock> result)
    {
        int line = block.Line + 1;
        switch (block)
        {
            case HeadingBlock heading:
                result.Add(new TextBlock(TextKind.Heading, ReadInline(heading), line, 0, heading.Level.ToString()));
                break;
            case ParagraphBlock paragraph:
                result.Add(new TextBlock(TextKind.Paragraph, ReadInline(paragraph), line, depth));
                break;
            case CodeBlock code:
                result.Add(new TextBlock(TextKind.Code, code.Lines.ToString().TrimEnd(), line, depth));
                break;
            case ListBlock list:
                ReadList(list, depth, result);
                break;
            case Table table:
                var rows = table.OfType<TableRow>().Select(row => (IReadOnlyList<string>)[.. row.OfType<TableCell>().Select(ReadCell)]).ToList();
                result.Add(new TextBlock(TextKind.Table, "", line, depth) { Rows = rows });
                break;
            case LinkReferenceDefinitionGroup:
                break;
            default:
                errors.Add(file, line, $"A {block.GetType().Name.Replace("Block", "")} cannot be shown as plain text.");
                break;
        }
    }

    private void ReadList(ListBlock list, int depth, List<TextBlock> result)
    {
        int number = int.TryParse(list.OrderedStart, out int start) ? start : 1;
        foreach (var item in list.OfType<ListItemBlock>())
        {
            bool first = true;
            foreach (var block in item)
            {
                if (first && block is ParagraphBlock paragraph)
                {
                    string marker = list.IsOrdered ? $"{number++}." : "-";
                    result.Add(new TextBlock(TextKind.Item, ReadInline(paragraph), block.Line + 1, depth, marker));
                }
                else
                {
                    Read(block, depth + 1, result);
                }

                first = false;
            }
        }
    }

    private string ReadCell(TableCell cell) => string.Join(" ", cell.OfType<LeafBlock>().Select(ReadInline));

    private void Append(StringBuilder text, ContainerInline container, int line)
    {
        foreach (var inline in container)
        {
            switch (inline)
            {
                case LiteralInline literal: text.Append(literal.Content.AsSpan()); break;
                case CodeInline code: text.Append(code.Content); break;
                case LineBreakInline lineBreak: text.Append(lineBreak.IsHard ? '\n' : ' '); break;
                case AutolinkInline auto: text.Append(auto.Url); break;
                case HtmlEntityInline entity: text.Append(entity.Transcoded.AsSpan()); break;
                case LinkInline link: AppendLink(text, link, line); break;
                case HtmlInline html: errors.Add(file, line, $"{html.Tag} would be lost: write it as `code`, or escape it as \\{html.Tag}."); break;
                case ContainerInline inner: Append(text, inner, line); break;
                default: errors.Add(file, line, $"A {inline.GetType().Name.Replace("Inline", "")} cannot be shown as plain text."); break;
            }
        }
    }

    private void AppendLink(StringBuilder text, LinkInline link, int line)
    {
        int start = text.Length;
        Append(text, link, line);
        string uri = Resolve(link, line);
        if (uri.Length > 0 && !text.ToString(start, text.Length - start).Equals(uri, StringComparison.Ordinal)) text.Append($" ({uri})");
    }

    /// <summary>A web address, or "" for a link to another page, which must exist.</summary>
    public string Resolve(LinkInline link, int line)
    {
        string url = link.Url ?? "";
        if (url.Contains("://", StringComparison.Ordinal)) return url;
        string path = url.Split('#')[0];
        if (path.Length > 0 && !File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, path)))
        {
            errors.Add(file, line, $"The link goes to '{path}', and there is no such file.");
        }

        return "";
    }
}
