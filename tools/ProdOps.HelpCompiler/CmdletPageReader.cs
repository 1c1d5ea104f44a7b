using System.Text.RegularExpressions;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace ProdOps.HelpCompiler;

/// <summary>Reads a cmdlet's page. Everything wrong is reported with its line; a page with errors yields null.</summary>
internal sealed partial class CmdletPageReader
{
    public const string SchemaVersion = "2.0.0";
    public static readonly string[] Schema =
        ["SYNOPSIS", "SYNTAX", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    private static readonly string[] FrontMatterKeys = ["external help file", "Module Name", "online version", "schema"];

    private readonly string _file;
    private readonly HelpErrors _errors;
    private readonly TextReader _text;

    private CmdletPageReader(string file, HelpErrors errors) => (_file, _errors, _text) = (file, errors, new TextReader(file, errors));

    /// <param name="checkSyntax">False while SYNTAX is about to be rewritten.</param>
    public static HelpPage? Read(string file, string markdown, HelpErrors errors, bool checkSyntax = true)
    {
        int before = errors.All.Count;
        var page = new CmdletPageReader(file, errors).Read(markdown, checkSyntax);
        return errors.All.Count == before ? page : null;
    }

    private HelpPage? Read(string markdown, bool checkSyntax)
    {
        var sections = PageSections.Read(_file, markdown, _errors);
        sections.Check(_file, Schema, _errors);
        if (sections.FrontMatter is null)
        {
            _errors.Add(_file, 1, $"The page has no front matter: '---', {string.Join(", ", FrontMatterKeys)}, '---'.");
            return null;
        }

        var front = KeyValueBlock.Read(_file, sections.FrontMatter, FrontMatterKeys, _errors);
        if (front.Required("schema") is not ("" or SchemaVersion)) front.Refuse("schema", $"This compiler reads schema {SchemaVersion}.");
        if (!CmdletName().IsMatch(sections.Title.Text)) _errors.Add(_file, sections.Title.Line, $"'{sections.Title.Text}' is not a cmdlet's name, Verb-Noun.");

        var page = new HelpPage
        {
            File = _file,
            Name = sections.Title.Text,
            Module = front.Required("Module Name"),
            HelpFile = front.Required("external help file"),
            OnlineVersion = front.Optional("online version"),
            Synopsis = ReadSynopsis(sections["SYNOPSIS"]),
            Syntax = ReadSyntax(sections["SYNTAX"]),
            Description = ReadText(sections["DESCRIPTION"].Blocks, sections["DESCRIPTION"].Line, "The description"),
            Examples = ReadExamples(sections["EXAMPLES"]),
            Parameters = new ParameterReader(_file, _text, _errors).Read(sections["PARAMETERS"]),
            Inputs = ReadTypes(sections["INPUTS"]),
            Outputs = ReadTypes(sections["OUTPUTS"]),
            Notes = ReadText(sections["NOTES"].Blocks, sections["NOTES"].Line, null),
            Links = ReadLinks(sections["RELATED LINKS"]),
        };
        if (checkSyntax) CheckSyntax(page);
        return page;
    }

    private List<TextBlock> ReadSynopsis(Section section)
    {
        var text = ReadText(section.Blocks, section.Line, "The synopsis");
        if (text.Count > 1 || text is [{ Kind: not TextKind.Paragraph }]) _errors.Add(_file, section.Line, "The synopsis is one paragraph.");
        return text;
    }

    /// <param name="what">What is missing when there is no text, or null if there need not be any.</param>
    private List<TextBlock> ReadText(IEnumerable<Block> blocks, int line, string? what)
    {
        var text = _text.Read(blocks);
        if (text.Count == 0 && what is not null) _errors.Add(_file, line, $"{what} is missing.");
        foreach (var block in text.Where(block => block.Kind is TextKind.Table or TextKind.Heading))
        {
            _errors.Add(_file, block.Line, $"Get-Help cannot show a {block.Kind.ToString().ToLowerInvariant()} here; use a list.");
        }

        return text;
    }

    private List<HelpSyntax> ReadSyntax(Section section)
    {
        var result = new List<HelpSyntax>();
        var parts = section.Split(out var lead);
        if (parts.Count == 0)
        {
            if (SingleCode(lead, section.Line, "SYNTAX") is { } code) result.Add(new HelpSyntax("", true, code.Text, code.Line));
            return result;
        }

        foreach (var (heading, blocks) in parts)
        {
            string name = _text.ReadInline(heading);
            bool isDefault = name.EndsWith(" (Default)", StringComparison.Ordinal);
            if (isDefault) name = name[..^" (Default)".Length];
            if (SingleCode(blocks, heading.Line + 1, $"The parameter set {name}") is { } code) result.Add(new HelpSyntax(name, isDefault, code.Text, code.Line));
        }

        return result;
    }

    private (string Text, int Line)? SingleCode(List<Block> blocks, int line, string what)
    {
        if (blocks is [FencedCodeBlock code]) return (code.Lines.ToString().Trim(), code.Line + 1);
        _errors.Add(_file, line, $"{what} needs exactly one fenced code block.");
        return null;
    }

    private void CheckSyntax(HelpPage page)
    {
        foreach (var syntax in page.Syntax)
        {
            string expected = SyntaxText.Write(page.Name, page.Parameters, syntax.Set);
            if (SyntaxText.Normalize(syntax.Text) != SyntaxText.Normalize(expected))
            {
                _errors.Add(_file, syntax.Line, $"The syntax does not follow from PARAMETERS (--update rewrites it). Expected: {SyntaxText.Normalize(expected)}");
            }
        }

        var named = page.Syntax.Select(syntax => syntax.Set).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var usage in page.Parameters.SelectMany(parameter => parameter.Usages))
        {
            foreach (string set in usage.Sets.Where(set => !named.Contains(set))) _errors.Add(_file, usage.Line, $"SYNTAX has no parameter set '{set}'.");
        }
    }

    private List<HelpExample> ReadExamples(Section section)
    {
        var result = new List<HelpExample>();
        foreach (var (heading, blocks) in section.Split(out _))
        {
            int line = heading.Line + 1;
            string title = _text.ReadInline(heading);
            if (!title.StartsWith($"Example {result.Count + 1}: ", StringComparison.Ordinal)) _errors.Add(_file, line, $"Expected '### Example {result.Count + 1}: title'.");
            var code = blocks.OfType<FencedCodeBlock>().FirstOrDefault();
            if (code?.Info != "powershell") _errors.Add(_file, line, "An example needs a code block that begins with ```powershell.");
            if (code?.Arguments is { Length: > 0 } and not "interactive") _errors.Add(_file, code.Line + 1, "Only 'interactive' may follow ```powershell.");
            var remarks = ReadText(blocks.Where(block => block != code), line, "The text that says what the example does");
            result.Add(new HelpExample(title, code?.Lines.ToString().TrimEnd() ?? "", code?.Arguments == "interactive", remarks, (code?.Line + 2) ?? line));
        }

        if (result.Count == 0) _errors.Add(_file, section.Line, "There is no example.");
        return result;
    }

    private List<HelpType> ReadTypes(Section section)
    {
        var parts = section.Split(out var lead);
        if (parts.Count == 0 || lead.Count > 0) _errors.Add(_file, section.Line, $"{section.Name} lists types: '### Type' and what it is for, or '### None'.");
        return [.. parts.Select(part => new HelpType(_text.ReadInline(part.Heading), ReadText(part.Blocks, part.Heading.Line + 1, null)))];
    }

    private List<HelpLink> ReadLinks(Section section)
    {
        var links = section.Blocks.SelectMany(block => block.Descendants<LinkInline>()).ToList();
        if (links.Count == 0) _errors.Add(_file, section.Line, "There is no related link.");
        return [.. links.Select(link => new HelpLink(string.Concat(link.Descendants<LiteralInline>().Select(l => l.Content.ToString())), _text.Resolve(link, section.Line)))];
    }

    [GeneratedRegex("^[A-Z][a-zA-Z]+-[A-Z][a-zA-Z0-9]+$")]
    private static partial Regex CmdletName();
}
