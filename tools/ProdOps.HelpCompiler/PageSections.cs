using Markdig;
using Markdig.Extensions.Yaml;
using Markdig.Syntax;

namespace ProdOps.HelpCompiler;

/// <summary>A page cut at its headings of the second level.</summary>
internal sealed class PageSections
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseYamlFrontMatter().UsePipeTables().Build();

    private readonly Dictionary<string, Section> _sections = new(StringComparer.Ordinal);

    public YamlFrontMatterBlock? FrontMatter { get; private init; }

    /// <summary>The heading of the first level, and its line; "" if there is none.</summary>
    public (string Text, int Line) Title { get; private set; } = ("", 1);

    public IEnumerable<Section> InOrder => _sections.Values.OrderBy(section => section.Line);

    /// <summary>The section of that name; an empty one where the page has none, which is then reported already.</summary>
    public Section this[string name] => _sections.TryGetValue(name, out var section) ? section : new Section(name, Title.Line, []);

    public static PageSections Read(string file, string markdown, HelpErrors errors)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        var text = new TextReader(file, errors);
        var result = new PageSections { FrontMatter = document.OfType<YamlFrontMatterBlock>().FirstOrDefault() };
        Section? current = null;
        foreach (var block in document)
        {
            int line = block.Line + 1;
            if (block is HeadingBlock { Level: 1 } title)
            {
                if (result.Title.Text.Length > 0) errors.Add(file, line, "A page has one heading of the first level; this is a second one.");
                else result.Title = (text.ReadInline(title), line);
            }
            else if (block is HeadingBlock { Level: 2 } heading)
            {
                current = new Section(text.ReadInline(heading), line, []);
                if (!result._sections.TryAdd(current.Name, current)) errors.Add(file, line, $"The section '{current.Name}' stands here a second time.");
            }
            else if (current is not null)
            {
                current.Blocks.Add(block);
            }
            else if (block is not (YamlFrontMatterBlock or LinkReferenceDefinitionGroup))
            {
                errors.Add(file, line, "This text stands before the first section.");
            }
        }

        if (result.Title.Text.Length == 0) errors.Add(file, 1, $"The page has no title: '# {Path.GetFileNameWithoutExtension(file)}'.");
        else if (result.Title.Text != Path.GetFileNameWithoutExtension(file))
        {
            errors.Add(file, result.Title.Line, $"The title '{result.Title.Text}' is not the file's name.");
        }

        return result;
    }

    /// <summary>Reports sections that are missing, unknown or out of their order.</summary>
    public void Check(string file, IReadOnlyList<string> schema, HelpErrors errors)
    {
        foreach (string name in schema.Where(name => !_sections.ContainsKey(name))) errors.Add(file, Title.Line, $"The section '## {name}' is missing.");
        int last = -1;
        foreach (var section in InOrder)
        {
            int place = schema.ToList().IndexOf(section.Name);
            if (place < 0) errors.Add(file, section.Line, $"'{section.Name}' is not a section of a page; they are: {string.Join(", ", schema)}.");
            else if (place < last) errors.Add(file, section.Line, $"The section '{section.Name}' must stand before '{schema[last]}'.");
            last = Math.Max(last, place);
        }
    }
}

internal sealed record Section(string Name, int Line, List<Block> Blocks)
{
    /// <summary>Cuts the section at its headings of the third level; what stands before the first goes to <paramref name="lead"/>.</summary>
    public List<(HeadingBlock Heading, List<Block> Blocks)> Split(out List<Block> lead)
    {
        lead = [];
        var parts = new List<(HeadingBlock, List<Block>)>();
        var target = lead;
        foreach (var block in Blocks)
        {
            if (block is HeadingBlock { Level: 3 } heading) parts.Add((heading, target = []));
            else target.Add(block);
        }

        return parts;
    }
}
