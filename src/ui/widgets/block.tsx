import { Box, Text, Transform } from "ink";
import { memo } from "react";

interface BlockProps {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Lines of exactly `width` columns, styled already. */
  readonly text: string;
}

/**
 * A piece of the screen that is composed already. One node a panel, drawn again only when its text has changed.
 * Ink measures every text anew at each frame, which costs more than all else; so it is given a stand-in of one letter a line,
 * and each line is exchanged for the real one as it is written.
 */
export const Block = memo(function Block({ left, top, width, height, text }: BlockProps) {
  const lines = text.split("\n");
  return (
    <Box position="absolute" left={left} top={top} width={width} height={height}>
      <Transform transform={(_line, index) => lines[index] ?? ""}>
        <Text>{standIn(height)}</Text>
      </Transform>
    </Box>
  );
});

function standIn(height: number): string {
  return ".\n".repeat(Math.max(0, height - 1)).concat(".");
}
