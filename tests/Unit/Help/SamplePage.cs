using ProdOps.HelpCompiler;

namespace ProdOps.Help.Tests;

/// <summary>A page with one of everything, to be bent by tests.</summary>
internal static class SamplePage
{
    public const string File = "Get-SampleItem.md";

    public const string Text = """
        ---
        external help file: ProdOps.Help.Tests.dll-Help.xml
        Module Name: ProdOps
        online version: https://example.org/Get-SampleItem
        schema: 2.0.0
        ---

        # Get-SampleItem

        ## SYNOPSIS

        Gets a `sample` of <AT&T> & others.

        ## SYNTAX

        ### ByName (Default)

        ```
        Get-SampleItem [[-Name] <String[]>] [-Level <String>] [<CommonParameters>]
        ```

        ### ById

        ```
        Get-SampleItem -Id <Int32> [-All]
         [-Level <String>] [<CommonParameters>]
        ```

        ## DESCRIPTION

        First paragraph,
        second line.

        - an item
        - another, see [the site](https://example.org/x?a=1&b=2)

        ## EXAMPLES

        ### Example 1: Compare & pipe

        ```powershell
        if (1 -lt 2 -and "a" -ne '<b>') {
            Get-SampleItem *
        }
        ```

        Says *why*.

        ### Example 2: Ask

        ```powershell interactive
        Get-SampleItem -Id (Read-Host)
        ```

        Waits for somebody.

        ## PARAMETERS

        ### -Name

        The name.

        ```yaml
        Type: String[]
        Parameter Sets: ByName
        Aliases: N, Label

        Required: False
        Position: 0
        Default value: *
        Accept pipeline input: True (ByValue, ByPropertyName)
        Accept wildcard characters: True
        ```

        ### -Id

        The number.

        ```yaml
        Type: Int32
        Parameter Sets: ById
        Aliases:

        Required: True
        Position: Named
        Default value: None
        Accept pipeline input: False
        Accept wildcard characters: False
        ```

        ### -All

        All of them.

        ```yaml
        Type: SwitchParameter
        Parameter Sets: ById
        Aliases:

        Required: False
        Position: Named
        Default value: False
        Accept pipeline input: False
        Accept wildcard characters: False
        ```

        ### -Level

        How much.

        ```yaml
        Type: String
        Parameter Sets: (All)
        Aliases:
        Accepted values: Low, High

        Required: False
        Position: Named
        Default value: Low
        Accept pipeline input: False
        Accept wildcard characters: False
        ```

        ### CommonParameters

        The usual ones.

        ## INPUTS

        ### System.String

        Names.

        ## OUTPUTS

        ### System.Int32

        Numbers.

        ## NOTES

        A note.

        ## RELATED LINKS

        - [Other help](https://example.org/other)
        """;

    public static HelpPage Read() => CmdletPageReader.Read(File, Text, new HelpErrors())!;

    /// <summary>The errors of the page with one text replaced, as <c>line: message</c>.</summary>
    public static IReadOnlyList<string> ErrorsWith(string original, string replacement)
    {
        Assert.Contains(original, Text);
        int at = Text.IndexOf(original, StringComparison.Ordinal);
        var errors = new HelpErrors();
        var page = CmdletPageReader.Read(File, Text[..at] + replacement + Text[(at + original.Length)..], errors);
        Assert.Equal(errors.All.Count > 0, page is null);
        return [.. errors.All.Select(error => $"{error.Line}: {error.Message}")];
    }

    /// <summary>The line, from 1, on which a text stands for the first time.</summary>
    public static int LineOf(string text) => Text[..Text.IndexOf(text, StringComparison.Ordinal)].Count(c => c == '\n') + 1;
}
