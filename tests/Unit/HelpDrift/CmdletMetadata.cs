using System.Management.Automation;
using ProdOps.HelpCompiler;

namespace ProdOps.HelpDrift.Tests;

/// <summary>What PowerShell knows of a cmdlet's parameters, in the terms of a page.</summary>
internal static class CmdletMetadata
{
    /// <summary>Names of the parameter sets, the default one first; "" where there is only the unnamed one.</summary>
    public static List<(string Name, bool IsDefault)> Sets(CommandInfo command)
    {
        if (command.ParameterSets is [{ Name: ParameterAttribute.AllParameterSets }]) return [("", true)];
        return [.. command.ParameterSets.OrderBy(set => set.IsDefault ? 0 : 1).Select(set => (set.Name, set.IsDefault))];
    }

    /// <summary>
    /// The parameters but for the common ones, in the order of <paramref name="page"/>; new ones stand before the password's.
    /// What no metadata tells, the default and values of a range, is taken from the page.
    /// </summary>
    public static List<HelpParameter> Parameters(CommandInfo command, HelpPage page)
    {
        var known = page.Parameters.ToDictionary(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase);
        var result = new List<HelpParameter>();
        foreach (var parameter in command.Parameters.Values.Where(p => !Cmdlet.CommonParameters.Contains(p.Name)))
        {
            var documented = known.GetValueOrDefault(parameter.Name);
            var description = documented?.Description ?? [new TextBlock(TextKind.Paragraph, HelpMessage(parameter), 0)];
            result.Add(new HelpParameter(parameter.Name, description, Usages(command, parameter, documented), 0));
        }

        var order = page.Parameters.Select(parameter => parameter.Name).ToList();
        int end = order.FindIndex(name => name is "Password" or "WhatIf" or "Confirm");
        if (end < 0) end = order.Count;
        return [.. result.OrderBy(parameter => order.IndexOf(parameter.Name) is var at && at >= 0 ? at * 2 : end * 2 - 1)];
    }

    private static List<ParameterUsage> Usages(CommandInfo command, ParameterMetadata parameter, HelpParameter? documented)
    {
        var usages = command.ParameterSets
            .Select(set => (Set: set.Name, Info: set.Parameters.FirstOrDefault(p => p.Name == parameter.Name)))
            .Where(pair => pair.Info is not null)
            .Select(pair => (pair.Set, Usage: Usage(parameter, pair.Info!, documented?.In(pair.Set) ?? documented?.Usages[0])))
            .GroupBy(pair => PageUpdater.Yaml(pair.Usage))
            .Select(group => group.First().Usage with { Sets = [.. group.Select(pair => pair.Set)] })
            .ToList();
        return usages is [{ } only] && only.Sets.Count == command.ParameterSets.Count ? [only with { Sets = [] }] : usages;
    }

    private static ParameterUsage Usage(ParameterMetadata parameter, CommandParameterInfo info, ParameterUsage? documented)
    {
        var values = AcceptedValues(parameter);
        return new ParameterUsage
        {
            Type = TypeName(parameter.ParameterType),
            Aliases = [.. parameter.Aliases],
            AcceptedValues = values.Count > 0 ? values : documented?.AcceptedValues ?? [],
            Required = info.IsMandatory,
            Position = info.Position >= 0 ? info.Position : null,
            Default = documented?.Default ?? (parameter.SwitchParameter ? "False" : "None"),
            PipelineByValue = info.ValueFromPipeline,
            PipelineByName = info.ValueFromPipelineByPropertyName,
            Wildcards = parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
        };
    }

    private static List<string> AcceptedValues(ParameterMetadata parameter)
    {
        var element = Plain(parameter.ParameterType.IsArray ? parameter.ParameterType.GetElementType()! : parameter.ParameterType);
        return element.IsEnum ? [.. Enum.GetNames(element)] : [.. parameter.Attributes.OfType<ValidateSetAttribute>().SelectMany(set => set.ValidValues)];
    }

    private static string HelpMessage(ParameterMetadata parameter) =>
        parameter.Attributes.OfType<ParameterAttribute>().Select(attribute => attribute.HelpMessage).FirstOrDefault(text => !string.IsNullOrEmpty(text))
        ?? throw new InvalidDataException($"-{parameter.Name} has neither a description in its page nor a HelpMessage.");

    private static string TypeName(Type type) => type.IsArray ? TypeName(type.GetElementType()!) + "[]" : Plain(type).Name;

    private static Type Plain(Type type) => Nullable.GetUnderlyingType(type) ?? type;
}
