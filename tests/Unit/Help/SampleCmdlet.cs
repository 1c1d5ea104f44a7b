using System.Management.Automation;

namespace ProdOps.Help.Tests;

/// <summary>The cmdlet that the sample page describes, for PowerShell to find help for.</summary>
[Cmdlet(VerbsCommon.Get, "SampleItem", DefaultParameterSetName = "ByName")]
[OutputType(typeof(int))]
public sealed class GetSampleItemCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "ByName", Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("N", "Label")]
    public string[] Name { get; set; } = [];

    [Parameter(ParameterSetName = "ById", Mandatory = true)]
    public int Id { get; set; }

    [Parameter(ParameterSetName = "ById")]
    public SwitchParameter All { get; set; }

    [Parameter]
    [ValidateSet("Low", "High")]
    public string Level { get; set; } = "Low";
}
