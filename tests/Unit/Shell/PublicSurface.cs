using System.Management.Automation;
using System.Reflection;
using System.Text.RegularExpressions;

namespace ProdOps.Cmdlets.Tests;

/// <summary>The names that scripts depend on, one a line: commands and parameters, members of output types, error ids.</summary>
internal static partial class PublicSurface
{
    public static IEnumerable<string> Describe(IEnumerable<Type> cmdlets, Assembly model, string sources) =>
        cmdlets.SelectMany(Commands).Order(StringComparer.Ordinal)
            .Concat(model.GetExportedTypes().SelectMany(Members).Order(StringComparer.Ordinal))
            .Concat(ErrorIds(sources).Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<string> Commands(Type type)
    {
        var cmdlet = type.GetCustomAttribute<CmdletAttribute>()!;
        string name = $"command {cmdlet.VerbName}-{cmdlet.NounName}";
        yield return name + " emits " + string.Join(", ", type.GetCustomAttributes<OutputTypeAttribute>().SelectMany(output => output.Type).Select(output => output.Type?.Name ?? output.Name).Distinct().Order());
        foreach (var property in type.GetProperties())
        {
            var attributes = property.GetCustomAttributes<ParameterAttribute>().ToArray();
            if (attributes.Length == 0) continue;
            string aliases = string.Join(", ", property.GetCustomAttributes<AliasAttribute>().SelectMany(alias => alias.AliasNames).Order());
            string flags = (attributes.Any(attribute => attribute.Mandatory) ? " mandatory" : "")
                + (attributes.Where(attribute => attribute.Position >= 0).Select(attribute => $" position {attribute.Position}").FirstOrDefault() ?? "")
                + (attributes.Any(attribute => attribute.ValueFromPipeline) ? " pipeline" : "")
                + (attributes.Any(attribute => attribute.ValueFromPipelineByPropertyName) ? " byname" : "");
            yield return $"{name} -{property.Name} [{TypeName(property.PropertyType)}]{flags}{(aliases.Length > 0 ? " alias " + aliases : "")}";
        }
    }

    private static IEnumerable<string> Members(Type type)
    {
        string name = "type " + type.FullName;
        if (type.IsEnum)
        {
            yield return $"{name} = {string.Join(", ", Enum.GetNames(type))}";
            yield break;
        }

        yield return name;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            yield return $"{name}.{property.Name} [{TypeName(property.PropertyType)}]";
    }

    /// <summary>Error ids are made in catalogues, <c>*Errors*.cs</c>; there they stand as text beside their kind.</summary>
    private static IEnumerable<string> ErrorIds(string sources) =>
        Directory.EnumerateFiles(sources, "*Errors*.cs", SearchOption.AllDirectories)
            .SelectMany(path => ErrorEntry().Matches(File.ReadAllText(path)))
            .Select(match => $"error {match.Groups["id"].Value} {match.Groups["kind"].Value}");

    private static string TypeName(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return TypeName(inner) + "?";
        if (type.IsArray) return TypeName(type.GetElementType()!) + "[]";
        return type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(TypeName))}>" : type.Name;
    }

    [GeneratedRegex("""
        "(?<id>[A-Z][A-Za-z0-9]+)",\s*(?:[^;"]*\?\s*ErrorKind\.\w+\s*:\s*)?ErrorKind\.(?<kind>\w+)
        """, RegexOptions.CultureInvariant)]
    private static partial Regex ErrorEntry();
}
