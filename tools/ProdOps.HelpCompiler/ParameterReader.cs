using Markdig.Syntax;

namespace ProdOps.HelpCompiler;

/// <summary>Reads PARAMETERS: <c>### -Name</c>, text, and a yaml block for each way the parameter behaves.</summary>
internal sealed class ParameterReader(string file, TextReader text, HelpErrors errors)
{
    public const string CommonParameters = "CommonParameters";

    public static readonly string[] Keys =
    [
        "Type", "Parameter Sets", "Aliases", "Accepted values", "Required", "Position", "Default value",
        "Accept pipeline input", "Accept wildcard characters",
    ];

    public List<HelpParameter> Read(Section section)
    {
        var result = new List<HelpParameter>();
        foreach (var (heading, blocks) in section.Split(out var lead))
        {
            string title = text.ReadInline(heading);
            int line = heading.Line + 1;
            if (title == CommonParameters) continue;
            if (!title.StartsWith('-')) errors.Add(file, line, $"'{title}' is not a parameter: '### -Name'.");
            else if (result.Any(other => other.Name.Equals(title[1..], StringComparison.OrdinalIgnoreCase))) errors.Add(file, line, $"The parameter {title} stands here a second time.");
            else result.Add(Read(title[1..], line, blocks));
            if (lead.Count > 0) errors.Add(file, section.Line, "PARAMETERS begins with a parameter: '### -Name'.");
        }

        return result;
    }

    private HelpParameter Read(string name, int line, List<Block> blocks)
    {
        var yaml = blocks.OfType<FencedCodeBlock>().Where(code => code.Info == "yaml").ToList();
        var description = text.Read(blocks.Except(yaml));
        if (yaml.Count == 0) errors.Add(file, line, $"-{name} needs a yaml block.");
        if (description.Count == 0) errors.Add(file, line, $"-{name} needs a description.");
        return new HelpParameter(name, description, [.. yaml.Select(ReadUsage)], line);
    }

    private ParameterUsage ReadUsage(FencedCodeBlock yaml)
    {
        var block = KeyValueBlock.Read(file, yaml, Keys, errors);
        var sets = block.List("Parameter Sets");
        string pipeline = block.Required("Accept pipeline input");
        string position = block.Required("Position");
        bool isNumber = int.TryParse(position, out int number) && number >= 0;
        if (!isNumber && position is not ("Named" or "")) block.Refuse("Position", $"'Position: {position}' is neither Named nor a number from 0.");
        var usage = new ParameterUsage
        {
            Type = block.Required("Type"),
            Sets = sets is [ParameterUsage.AllSets] ? [] : sets,
            Aliases = block.List("Aliases"),
            AcceptedValues = block.List("Accepted values"),
            Required = block.Flag("Required"),
            Position = isNumber ? number : null,
            Default = block.Required("Default value"),
            PipelineByValue = pipeline.Contains("ByValue", StringComparison.Ordinal),
            PipelineByName = pipeline.Contains("ByPropertyName", StringComparison.Ordinal),
            Wildcards = block.Flag("Accept wildcard characters"),
            Line = block.Line,
        };
        if (pipeline.Length > 0 && usage.PipelineInput != pipeline)
        {
            block.Refuse("Accept pipeline input", $"'{pipeline}' is not one of: False, True (ByValue), True (ByPropertyName), True (ByValue, ByPropertyName).");
        }

        return usage;
    }
}
