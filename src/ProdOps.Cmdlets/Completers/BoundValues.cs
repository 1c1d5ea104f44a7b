using System.Collections;
using System.Management.Automation;
using System.Security;

namespace ProdOps.Cmdlets.Completers;

/// <summary>What the command line says so far.</summary>
internal sealed class BoundValues(IDictionary values)
{
    public SecureString? Password => Unwrap(values["Password"]) as SecureString;

    /// <summary>A parameter's text, the first of several; <see langword="null"/> if it was not given.</summary>
    public string? Text(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            object? value = Unwrap(values[name]);
            if (value is IList { Count: > 0 } list and not byte[]) value = Unwrap(list[0]);
            if (value?.ToString() is { Length: > 0 } text) return text;
        }

        return null;
    }

    private static object? Unwrap(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
