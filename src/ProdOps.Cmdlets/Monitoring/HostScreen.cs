using System.Management.Automation.Host;

namespace ProdOps.Cmdlets.Monitoring;

/// <summary>
/// Draws lines in place on the host's screen, over those that it drew before. All of it must be called on the pipeline thread. What others write meanwhile (a warning, a verbose line) stays, and the lines
/// go on below it.
/// </summary>
internal sealed class HostScreen
{
    private const int LeastWidth = 20, LeastHeight = 5;

    private readonly PSHostUserInterface _ui;
    private readonly PSHostRawUserInterface _raw;
    private readonly bool _hidesCursor;
    private Size _size;
    private Coordinates _rest;
    private int _top, _count;
    private bool _isHidden;

    private HostScreen(PSHostUserInterface ui, bool hasColours) => (_ui, _raw, _size, _hidesCursor, HasColours) = (ui, ui.RawUI, ui.RawUI.WindowSize, hasColours, hasColours);

    /// <summary>Whether colours may be drawn: the host can, and neither <c>$PSStyle.OutputRendering</c> nor <c>NO_COLOR</c> says otherwise.</summary>
    public bool HasColours { get; }

    /// <summary>The host's screen; <see langword="null"/> if it has none to draw on: no cursor that can be set, or output that goes elsewhere.</summary>
    /// <param name="host">The host.</param>
    /// <param name="style">The session's <c>$PSStyle</c>, or nothing in an engine without it.</param>
    public static HostScreen? Find(PSHost host, object? style)
    {
        // PowerShell's own host answers as if there were a screen, also where its output goes to a file.
        if (host.Name == "ConsoleHost" && Console.IsOutputRedirected) return null;
        try
        {
            if (host.UI is not { RawUI: { } raw } ui) return null;
            if (raw.WindowSize.Width < LeastWidth || raw.WindowSize.Height < LeastHeight) return null;
            raw.CursorPosition = raw.CursorPosition;
            bool isPlain = Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } || style?.GetType().GetProperty("OutputRendering")?.GetValue(style)?.ToString() == "PlainText";
            return new HostScreen(ui, ui.SupportsVirtualTerminal && !isPlain);
        }
        catch (Exception error) when (error is HostException or NotImplementedException or NotSupportedException or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    /// <summary>Whether the window's size is another one than when something was last drawn.</summary>
    public bool IsResized => !_raw.WindowSize.Equals(_size);

    /// <summary>Draws in the place of what was drawn before.</summary>
    /// <param name="render">Makes the lines for a width and a height; each must fill the width.</param>
    public void Draw(Func<int, int, IReadOnlyList<string>> render)
    {
        try
        {
            if (_count > 0 && IsResized) Clear();
            _size = _raw.WindowSize;
            // Nothing is written to the last column, behind which some terminals begin a line of their own.
            int width = Math.Max(1, _size.Width - 1);
            var lines = render(width, Math.Max(1, _size.Height - 1)).ToList();
            Begin();
            int count = Math.Max(lines.Count, _count);
            while (lines.Count < count) lines.Add(new string(' ', width));
            _ui.Write(string.Join("\r\n", lines));
            _count = count;
            _rest = _raw.CursorPosition;
            // It may have scrolled.
            _top = Math.Max(0, _rest.Y - count + 1);
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Leaves the lines as they are, with the cursor below them.</summary>
    public void Close()
    {
        if (_isHidden) _ui.Write("\u001b[?25h");
        if (_count > 0 && _raw.CursorPosition.Equals(_rest)) _ui.Write("\r\n");
        (_count, _isHidden) = (0, false);
    }

    private void Begin()
    {
        if (!_isHidden && _hidesCursor)
        {
            _isHidden = true;
            _ui.Write("\u001b[?25l");
        }

        var cursor = _raw.CursorPosition;
        if (_count > 0 && cursor.Equals(_rest))
        {
            _raw.CursorPosition = new Coordinates(0, _top);
            return;
        }

        _count = 0;
        if (cursor.X > 0) _ui.Write("\r\n");
    }

    /// <summary>In a window of another size, what was drawn is anywhere.</summary>
    private void Clear()
    {
        try
        {
            _raw.CursorPosition = new Coordinates(0, 0);
            _raw.SetBufferContents(new Rectangle(-1, -1, -1, -1), new BufferCell(' ', _raw.ForegroundColor, _raw.BackgroundColor, BufferCellType.Complete));
        }
        catch (Exception error) when (error is HostException or NotImplementedException or NotSupportedException or InvalidOperationException)
        {
            // It stays where it is, and the lines begin below.
        }

        _count = 0;
    }
}
