using System.Management.Automation.Host;

namespace ProdOps.Host;

/// <summary>What the formatter asks of a terminal: its width. Nothing else of a screen is offered.</summary>
internal sealed class ConsoleRawUI : PSHostRawUserInterface
{
    /// <summary>The width of output that goes to a file or another program.</summary>
    private const int DefaultWidth = 120;

    private readonly Size _size = new(Measure(), 50);

    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;

    public override Size BufferSize { get => _size; set { } }

    public override Coordinates CursorPosition { get; set; }

    public override int CursorSize { get; set; } = 1;

    public override bool KeyAvailable => false;

    public override Size MaxPhysicalWindowSize => _size;

    public override Size MaxWindowSize => _size;

    public override Coordinates WindowPosition { get; set; }

    public override Size WindowSize { get => _size; set { } }

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
    }

    private static int Measure()
    {
        if (Console.IsOutputRedirected) return DefaultWidth;
        try
        {
            return Console.WindowWidth is > 20 and < 10_000 and int width ? width : DefaultWidth;
        }
        catch (Exception exception) when (exception is IOException or PlatformNotSupportedException)
        {
            return DefaultWidth;
        }
    }
}
