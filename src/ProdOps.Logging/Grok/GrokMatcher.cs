using System.Text.RegularExpressions;

namespace ProdOps.Logging.Grok;

/// <summary>
/// The regular expression of a filter. It is interpreted at first, for the few lines of a test; when it turns out to have many lines to read it is compiled on the side, which takes
/// long and makes it faster from then on.
/// </summary>
internal sealed class GrokMatcher
{
    private const int LinesUntilCompiled = 2000;
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline;

    // Longer than any pause of a busy machine: whether a line matches must not hang on that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private volatile Regex _regex;
    private int _lines;

    /// <param name="expression">The regular expression.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public GrokMatcher(string expression) => _regex = new Regex(expression, Options, Patience);

    public int GroupNumber(string name) => _regex.GroupNumberFromName(name);

    /// <summary>The first place that matches. A line over which the expression takes a second or more does not match.</summary>
    public Match Match(string text)
    {
        if (_lines < LinesUntilCompiled && Interlocked.Increment(ref _lines) == LinesUntilCompiled) _ = Task.Run(() => Compile(text));
        try
        {
            return _regex.Match(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return System.Text.RegularExpressions.Match.Empty;
        }
    }

    private void Compile(string example)
    {
        try
        {
            var compiled = new Regex(_regex.ToString(), Options | RegexOptions.Compiled, Patience);
            // The machine code is made at the first match, and not at the expense of a line's second.
            compiled.Match(example);
            _regex = compiled;
        }
        catch (Exception exception) when (exception is RegexMatchTimeoutException or OutOfMemoryException)
        {
            // It stays interpreted.
        }
    }
}
