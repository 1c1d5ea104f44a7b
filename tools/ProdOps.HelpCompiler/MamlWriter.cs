using System.Text;
using System.Xml;

namespace ProdOps.HelpCompiler;

/// <summary>
/// Writes pages as the MAML that Get-Help reads: <c>helpItems schema="maml"</c> with a <c>command:command</c> a cmdlet
/// (learn.microsoft.com, "How to write cmdlet help", and PowerShell's MamlNode.cs, which maps elements by local name).
/// </summary>
internal sealed class MamlWriter(XmlWriter xml)
{
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    private static readonly TextBlock BlankLine = new(TextKind.Paragraph, "", 0);

    public static string Write(IEnumerable<HelpPage> pages)
    {
        using var text = new Utf8StringWriter();
        using (var xml = XmlWriter.Create(text, new XmlWriterSettings { Indent = true, NewLineChars = "\n" }))
        {
            xml.WriteStartElement("helpItems", "http://msh");
            xml.WriteAttributeString("schema", "maml");
            var writer = new MamlWriter(xml);
            foreach (var page in pages.OrderBy(page => page.Name, StringComparer.Ordinal)) writer.Write(page);
            xml.WriteEndElement();
        }

        return text.ToString() + "\n";
    }

    private void Write(HelpPage page)
    {
        xml.WriteStartElement("command", "command", Command);
        xml.WriteAttributeString("xmlns", "maml", null, Maml);
        xml.WriteAttributeString("xmlns", "dev", null, Dev);
        WriteDetails(page);
        WriteText(Maml, "description", page.Description);
        xml.WriteStartElement("syntax", Command);
        foreach (var syntax in page.Syntax) WriteSyntax(page, syntax);
        xml.WriteEndElement();
        xml.WriteStartElement("parameters", Command);
        foreach (var parameter in page.Parameters) WriteParameter(parameter, parameter.Usages[0], inSyntax: false);
        xml.WriteEndElement();
        WriteTypes("inputTypes", "inputType", page.Inputs);
        WriteTypes("returnValues", "returnValue", page.Outputs);
        xml.WriteStartElement("alertSet", Maml);
        WriteText(Maml, "alert", page.Notes);
        xml.WriteEndElement();
        xml.WriteStartElement("examples", Command);
        foreach (var example in page.Examples) WriteExample(example);
        xml.WriteEndElement();
        WriteLinks(page);
        xml.WriteEndElement();
    }

    private void WriteDetails(HelpPage page)
    {
        int dash = page.Name.IndexOf('-');
        xml.WriteStartElement("details", Command);
        xml.WriteElementString("name", Command, page.Name);
        xml.WriteElementString("verb", Command, page.Name[..dash]);
        xml.WriteElementString("noun", Command, page.Name[(dash + 1)..]);
        WriteText(Maml, "description", page.Synopsis);
        xml.WriteEndElement();
    }

    private void WriteSyntax(HelpPage page, HelpSyntax syntax)
    {
        xml.WriteStartElement("syntaxItem", Command);
        xml.WriteElementString("name", Maml, page.Name);
        foreach (var (parameter, usage) in SyntaxText.InOrder(page.Parameters, syntax.Set)) WriteParameter(parameter, usage, inSyntax: true);
        xml.WriteEndElement();
    }

    private void WriteParameter(HelpParameter parameter, ParameterUsage usage, bool inSyntax)
    {
        xml.WriteStartElement("parameter", Command);
        xml.WriteAttributeString("required", usage.Required ? "true" : "false");
        xml.WriteAttributeString("variableLength", usage.Type.EndsWith("[]", StringComparison.Ordinal) ? "true" : "false");
        xml.WriteAttributeString("globbing", usage.Wildcards ? "true" : "false");
        xml.WriteAttributeString("pipelineInput", usage.PipelineInput);
        xml.WriteAttributeString("position", usage.Position?.ToString() ?? "named");
        xml.WriteAttributeString("aliases", usage.Aliases.Count == 0 ? "none" : string.Join(", ", usage.Aliases));
        xml.WriteElementString("name", Maml, parameter.Name);
        if (!inSyntax) WriteText(Maml, "description", parameter.Description);
        if (inSyntax && usage.AcceptedValues.Count > 0)
        {
            xml.WriteStartElement("parameterValueGroup", Command);
            foreach (string value in usage.AcceptedValues) WriteValue(value, required: false);
            xml.WriteEndElement();
        }

        // In a syntax line a switch is its name alone.
        if (!(inSyntax && usage.IsSwitch)) WriteValue(usage.Type, required: !usage.IsSwitch);
        WriteType(usage.Type);
        xml.WriteElementString("defaultValue", Dev, usage.Default);
        xml.WriteEndElement();
    }

    private void WriteValue(string value, bool required)
    {
        xml.WriteStartElement("parameterValue", Command);
        xml.WriteAttributeString("required", required ? "true" : "false");
        xml.WriteAttributeString("variableLength", value.EndsWith("[]", StringComparison.Ordinal) ? "true" : "false");
        xml.WriteString(value);
        xml.WriteEndElement();
    }

    private void WriteType(string name)
    {
        xml.WriteStartElement("type", Dev);
        xml.WriteElementString("name", Maml, name);
        xml.WriteElementString("uri", Maml, "");
        xml.WriteEndElement();
    }

    private void WriteTypes(string group, string element, IReadOnlyList<HelpType> types)
    {
        xml.WriteStartElement(group, Command);
        foreach (var type in types)
        {
            xml.WriteStartElement(element, Command);
            WriteType(type.Name);
            WriteText(Maml, "description", type.Description);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private void WriteExample(HelpExample example)
    {
        xml.WriteStartElement("example", Command);
        xml.WriteElementString("title", Maml, $"--- {example.Title} ---");
        xml.WriteElementString("code", Dev, example.Code);
        WriteText(Dev, "remarks", [.. example.Remarks, BlankLine]);
        xml.WriteEndElement();
    }

    private void WriteLinks(HelpPage page)
    {
        xml.WriteStartElement("relatedLinks", Command);

        // Get-Help -Online takes the first link that has an address.
        if (page.OnlineVersion.Length > 0) WriteLink("Online version:", page.OnlineVersion);
        foreach (var link in page.Links) WriteLink(link.Text, link.Uri);
        xml.WriteEndElement();
    }

    private void WriteLink(string text, string uri)
    {
        xml.WriteStartElement("navigationLink", Maml);
        xml.WriteElementString("linkText", Maml, text);
        xml.WriteElementString("uri", Maml, uri);
        xml.WriteEndElement();
    }

    private void WriteText(string elementNamespace, string element, IReadOnlyList<TextBlock> text)
    {
        xml.WriteStartElement(element, elementNamespace);
        for (int i = 0; i < text.Count; i++)
        {
            string paragraph = Paragraph(text[i]);

            // Get-Help puts a blank line after each paragraph; the items of a list belong together.
            while (text[i].Kind == TextKind.Item && i + 1 < text.Count && text[i + 1].Kind == TextKind.Item) paragraph += "\n" + Paragraph(text[++i]);
            xml.WriteElementString("para", Maml, paragraph);
        }

        xml.WriteEndElement();
    }

    private static string Paragraph(TextBlock block) => block.Kind switch
    {
        TextKind.Item => $"{new string(' ', block.Depth * 2)}{block.Marker} {block.Text}",
        TextKind.Code => string.Join('\n', block.Text.Split('\n').Select(line => "    " + line)),
        _ => block.Text,
    };

    private sealed class Utf8StringWriter : StringWriter
    {
        public override Encoding Encoding => Encoding.UTF8;
    }
}
