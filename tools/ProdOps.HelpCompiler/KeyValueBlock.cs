using Markdig.Syntax;

namespace ProdOps.HelpCompiler;

/// <summary>
/// The lines <c>key: value</c> of a page's front matter or of a parameter's yaml block: as much of YAML as the PlatyPS
/// schema uses. Whatever it doesn't know it refuses, so that a misspelt key is never read as a default.
/// </summary>
internal sealed class KeyValueBlock
{
    private readonly Dictionary<string, (string Value, int Line)> _pairs = new(StringComparer.Ordinal);
    private readonly string _file;
    private readonly HelpErrors _errors;

    private KeyValueBlock(string file, int line, HelpErrors errors) => (_file, Line, _errors) = (file, line, errors);

    /// <summary>The line the block begins at.</summary>
    public int Line { get; }

    public static KeyValueBlock Read(string file, LeafBlock block, IReadOnlyCollection<string> knownKeys, HelpErrors errors)
    {
        var result = new KeyValueBlock(file, block.Line + 1, errors);
        for (int i = 0; i < block.Lines.Count; i++)
        {
            // The opening fence, --- or ```, is the block's own first line.
            result.Add(block.Lines.Lines[i].ToString(), block.Line + 2 + i, knownKeys);
        }

        return result;
    }

    public string Required(string key)
    {
        if (_pairs.TryGetValue(key, out var pair) && pair.Value.Length > 0) return pair.Value;
        _errors.Add(_file, pair.Line > 0 ? pair.Line : Line, $"'{key}:' needs a value here.");
        return "";
    }

    public string Optional(string key, string otherwise = "") =>
        _pairs.TryGetValue(key, out var pair) && pair.Value.Length > 0 ? pair.Value : otherwise;

    public IReadOnlyList<string> List(string key) =>
        Optional(key).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public bool Flag(string key)
    {
        string value = Required(key);
        if (value is not ("True" or "False" or "")) Refuse(key, $"'{key}: {value}' is neither True nor False.");
        return value == "True";
    }

    public void Refuse(string key, string message) => _errors.Add(_file, _pairs.TryGetValue(key, out var pair) ? pair.Line : Line, message);

    private void Add(string text, int line, IReadOnlyCollection<string> knownKeys)
    {
        if (string.IsNullOrWhiteSpace(text)) return;
        int colon = text.IndexOf(':');
        string key = colon < 0 ? text.Trim() : text[..colon].Trim();
        if (colon < 0) _errors.Add(_file, line, $"'{key}' is not of the form 'key: value'.");
        else if (!knownKeys.Contains(key)) _errors.Add(_file, line, $"'{key}' is not a key of this block; it takes: {string.Join(", ", knownKeys)}.");
        else if (!_pairs.TryAdd(key, (text[(colon + 1)..].Trim(), line))) _errors.Add(_file, line, $"'{key}' stands here a second time.");
    }
}
