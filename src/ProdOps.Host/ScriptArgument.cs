using System.Management.Automation.Runspaces;

namespace ProdOps.Host;

/// <summary>Turns a word of the command line into what the parser would have made of it: <c>-Name</c>, <c>-Name:value</c> or a value.</summary>
internal static class ScriptArgument
{
    public static CommandParameter Parse(string word)
    {
        if (word.Length < 2 || word[0] != '-' || !(char.IsLetter(word[1]) || word[1] == '_')) return new CommandParameter(null, word);
        int colon = word.IndexOf(':');
        if (colon < 0) return new CommandParameter(word, null);
        // A name that ends in a colon is bound to its value even where the parameter is a switch.
        string value = word[(colon + 1)..];
        object bound = value.ToLowerInvariant() switch { "$true" => true, "$false" => false, "$null" => null!, _ => value };
        return new CommandParameter(word[..(colon + 1)], bound);
    }
}
