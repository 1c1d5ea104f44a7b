using System.Text;

namespace ProdOps.HelpCompiler;

/// <summary>
/// A cmdlet's syntax in the notation of <c>Get-Command -Syntax</c>, made from the parameters' yaml blocks. A page's SYNTAX
/// section must say the same; <c>--update</c> writes it there.
/// </summary>
internal static class SyntaxText
{
    private const int Width = 100;
    public const string CommonParameters = "[<CommonParameters>]";

    public static string Write(string cmdlet, IReadOnlyList<HelpParameter> parameters, string set) =>
        Wrap([cmdlet, .. InOrder(parameters, set).Select(p => Write(p.Parameter.Name, p.Usage)), CommonParameters]);

    /// <summary>As PowerShell orders them: by position, then what is required, then the rest as the page has it.</summary>
    public static IEnumerable<(HelpParameter Parameter, ParameterUsage Usage)> InOrder(IReadOnlyList<HelpParameter> parameters, string set) =>
        from parameter in parameters
        let usage = parameter.In(set)
        where usage is not null
        orderby usage.Position ?? int.MaxValue, usage.Required ? 0 : 1
        select (parameter, usage);

    public static string Normalize(string syntax) => string.Join(' ', syntax.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string Write(string name, ParameterUsage usage)
    {
        string text = usage.Position is null ? $"-{name}" : $"[-{name}]";
        if (!usage.IsSwitch) text += $" <{usage.Type}>";
        return usage.Required ? text : $"[{text}]";
    }

    private static string Wrap(IEnumerable<string> words)
    {
        var text = new StringBuilder();
        int column = 0;
        foreach (string word in words)
        {
            if (column > 0 && column + 1 + word.Length > Width)
            {
                text.Append('\n');
                column = 0;
            }

            if (text.Length > 0) text.Append(' ');
            text.Append(word);
            column += word.Length + 1;
        }

        return text.ToString();
    }
}
