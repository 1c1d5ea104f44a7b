using System.Management.Automation.Host;

namespace ProdOps.Host;

/// <summary>What a terminal is asked: how large it is, and where its cursor stands. Output that goes to a file or another program has a width, and no cursor.</summary>
internal sealed class ConsoleRawUI : PSHostRawUserInterface
{
    /// <summary>The width of output that goes to a file or another program.</summary>
    private const int DefaultWidth = 120;

    private const int DefaultHeight = 50;

    // Where the cursor stands is asked of the terminal by its output, and answered by its input.
    private static readonly bool HasCursor = !Console.IsOutputRedirected && !Console.IsInputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Size BufferSize { get => Measure(); set { } }

    public override Coordinates CursorPosition
    {
        get
        {
            if (!HasCursor) throw NoCursor();
            var (left, top) = Console.GetCursorPosition();
            return new Coordinates(left, top);
        }

        set
        {
            if (!HasCursor) throw NoCursor();
            var size = Measure();
            Console.SetCursorPosition(Math.Clamp(value.X, 0, size.Width - 1), Math.Clamp(value.Y, 0, size.Height - 1));
        }
    }

    public override int CursorSize { get; set; } = 1;

    public override bool KeyAvailable => false;

    public override Size MaxPhysicalWindowSize => Measure();

    public override Size MaxWindowSize => Measure();

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize { get => Measure(); set { } }

    public override string WindowTitle { get; set; } = "";

    public override void FlushInputBuffer()
    {
    }

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException("prodops has no screen.");

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw ConsoleUI.NonInteractive();

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
    {
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
    {
    }

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
        // All of it, as Clear-Host says it.
        if (HasCursor && rectangle is { Left: -1, Top: -1, Right: -1, Bottom: -1 }) Console.Clear();
    }

    private static HostException NoCursor() => new("prodops has no cursor where its input or its output is no terminal.");

    private static Size Measure()
    {
        if (Console.IsOutputRedirected) return new Size(DefaultWidth, DefaultHeight);
        try
        {
            return new Size(Console.WindowWidth is > 20 and < 10_000 and int width ? width : DefaultWidth, Console.WindowHeight is > 1 and < 10_000 and int height ? height : DefaultHeight);
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return new Size(DefaultWidth, DefaultHeight);
        }
    }
}
